/**
 * Aggregates of many groups at once: what has been gathered of a group lies in arrays at the group's number. What they mean
 * is in the plan's table of aggregates, whose own form is used for types that have none here.
 */

import { type Column, NumberColumn, StringColumn } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { RowGroupIds } from '../../../columns/group_ids/rows.ts';
import type { Allocator } from '../../../columns/memory.ts';
import { type Accumulator, type AggregateName, aggregates } from '../../../plan/aggregates.ts';
import type { AggregateNode } from '../../../plan/relation.ts';
import {
  type ColumnType,
  columnType,
  largestInteger,
  type NonNullValue,
  type Schema,
  type Value,
} from '../../../plan/types.ts';
import { SortedBag } from './sorted_bag.ts';

/** One aggregate of all groups. */
export interface AggregateState {
  /**
   * Takes rows: the group of each, and the aggregate's arguments.
   * @param size the number of groups so far
   * @param memory for what is forgotten when this has ended
   */
  add(groups: Int32Array, columns: readonly Column[], size: number, memory: Allocator): void;
  value(group: number): Value;
}

/** @param schema of the rows that are aggregated */
export function aggregateState(node: AggregateNode, schema: Schema): AggregateState {
  const types = node.arguments.map((name) => columnType(schema, name));
  return columnar(node.function, types) ?? new AnyAggregate(node.function);
}

function columnar(name: AggregateName, [type]: readonly ColumnType[]): AggregateState | undefined {
  const isNumber = type === 'bigint' || type === 'int' || type === 'double';
  switch (name) {
    case 'count':
      return new Count();
    case 'count_distinct':
      return new CountDistinct();
    case 'sum':
      return new Sum();
    case 'min':
      return isNumber || type === 'timestamp' ? new Extreme(-1) : undefined;
    case 'max':
      return isNumber || type === 'timestamp' ? new Extreme(1) : undefined;
    case 'median':
      return new Median();
    default:
      return name satisfies never;
  }
}

class Count implements AggregateState {
  private counts = new Float64Array(16);

  add(groups: Int32Array, _columns: readonly Column[], size: number): void {
    this.counts = ensureCapacity(this.counts, size);
    const { counts } = this;
    for (let row = 0; row < groups.length; row += 1) {
      const group = groups[row] ?? 0;
      counts[group] = (counts[group] ?? 0) + 1;
    }
  }

  value(group: number): Value {
    return this.counts[group] ?? 0;
  }
}

/** Different rows of the arguments in each group. */
class CountDistinct implements AggregateState {
  private counts = new Float64Array(16);
  private readonly keys = new RowGroupIds();

  add(groups: Int32Array, columns: readonly Column[], size: number, memory: Allocator): void {
    this.counts = ensureCapacity(this.counts, size);
    const { counts } = this;
    let known = this.keys.size;
    const keys = this.keys.intern([groups, ...columns], memory);
    for (let row = 0; row < groups.length; row += 1) {
      if (keys[row] === known) {
        // The first row of this key.
        known += 1;
        const group = groups[row] ?? 0;
        counts[group] = (counts[group] ?? 0) + (areKnownAt(columns, row) ? 1 : 0);
      }
    }
  }

  value(group: number): Value {
    return this.counts[group] ?? 0;
  }
}

function areKnownAt(columns: readonly Column[], row: number): boolean {
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i];
    if (column instanceof StringColumn ? column.codeAt(row) < 0 : column?.at(row) === null) return false;
  }
  return true;
}

const word = 2 ** 32;

/** The exact sum of integers: of their high and of their low 32 bits, each of which a float holds exactly. */
class Sum implements AggregateState {
  private high = new Float64Array(16);
  private low = new Float64Array(16);
  private known = new Uint8Array(16);

  add(groups: Int32Array, [column]: readonly Column[], size: number): void {
    this.high = ensureCapacity(this.high, size);
    this.low = ensureCapacity(this.low, size);
    this.known = ensureCapacity(this.known, size);
    const values = numbers(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) {
        const group = groups[row] ?? 0;
        const high = Math.floor(value / word);
        // In these brackets: the sum of a low part and a large value would be rounded.
        const low = (this.low[group] ?? 0) + (value - high * word);
        const carried = Math.floor(low / word);
        this.low[group] = low - carried * word;
        this.high[group] = (this.high[group] ?? 0) + high + carried;
        this.known[group] = 1;
      }
    }
  }

  value(group: number): Value {
    const sum = (this.high[group] ?? 0) * word + (this.low[group] ?? 0);
    return this.known[group] === 1 && Math.abs(sum) <= largestInteger ? sum : null;
  }
}

/** The smallest number (side −1) or the largest (side 1), NaN as long as there is none. */
class Extreme implements AggregateState {
  private extremes = new Float64Array(0);

  constructor(private readonly side: -1 | 1) {}

  add(groups: Int32Array, [column]: readonly Column[], size: number): void {
    const before = this.extremes.length;
    this.extremes = ensureCapacity(this.extremes, size);
    this.extremes.fill(Number.NaN, before);
    const { extremes, side } = this;
    const values = numbers(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      const group = groups[row] ?? 0;
      const extreme = extremes[group] ?? Number.NaN;
      // Not with `<`, which is false of NaN on either side.
      if (!Number.isNaN(value) && !((extreme - value) * side >= 0)) {
        extremes[group] = value;
      }
    }
  }

  value(group: number): Value {
    const extreme = this.extremes[group] ?? Number.NaN;
    return Number.isNaN(extreme) ? null : extreme;
  }
}

class Median implements AggregateState {
  private readonly bags: SortedBag[] = [];

  add(groups: Int32Array, [column]: readonly Column[], size: number): void {
    const { bags } = this;
    while (bags.length < size) {
      bags.push(new SortedBag());
    }
    const values = numbers(column);
    for (let row = 0; row < groups.length; row += 1) {
      const value = values[row] ?? Number.NaN;
      if (!Number.isNaN(value)) {
        bags[groups[row] ?? 0]?.add(value);
      }
    }
  }

  value(group: number): Value {
    return this.bags[group]?.median() ?? null;
  }
}

/** Any aggregate of any type, by the plan's own form: an accumulator a group. */
class AnyAggregate implements AggregateState {
  private readonly accumulators: Accumulator[] = [];

  constructor(private readonly name: AggregateName) {}

  add(groups: Int32Array, columns: readonly Column[], size: number): void {
    while (this.accumulators.length < size) {
      this.accumulators.push(aggregates[this.name].accumulator());
    }
    for (let row = 0; row < groups.length; row += 1) {
      const values = columns.map((column) => column.at(row)).filter(isKnown);
      if (values.length === columns.length) {
        this.accumulators[groups[row] ?? 0]?.add(...values);
      }
    }
  }

  value(group: number): Value {
    return this.accumulators[group]?.value() ?? null;
  }
}

function isKnown(value: Value): value is NonNullValue {
  return value !== null;
}

function numbers(column: Column | undefined): Float64Array {
  if (!(column instanceof NumberColumn)) {
    throw new TypeError(`An aggregate of numbers cannot take a column of ${column?.type}.`);
  }
  return column.values;
}
