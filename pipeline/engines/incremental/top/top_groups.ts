import { StringColumn } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import type { ColumnarTable } from '../../../columns/table.ts';
import type { AggregateName } from '../../../plan/aggregates.ts';
import { compareValues } from '../../../plan/order.ts';
import type { RelationNode, SortKey } from '../../../plan/relation.ts';
import type { Aggregate } from '../operators/aggregate.ts';

type TopNode = Extract<RelationNode, { kind: 'top' }>;
type AggregateOfPlan = Extract<RelationNode, { kind: 'aggregate' }>;

/** Aggregates that more rows only ever make larger, a null being less than all. */
const onlyGrow: readonly AggregateName[] = ['count', 'count_distinct', 'max'];

/**
 * Whether the top of each group can be kept by looking only at the groups that rows were added to: it must be chosen among
 * groups that stay together, in an order in which a group only moves forward.
 */
export function canKeepTop({ by, order }: TopNode, aggregate: AggregateOfPlan): boolean {
  const stays = (name: string) => aggregate.by.includes(name);
  return by.every(stays) && order.every((key) => stays(key.column) || onlyForward(key, aggregate));
}

function onlyForward({ column, descending }: SortKey, { aggregates }: AggregateOfPlan): boolean {
  const aggregate = aggregates[column];
  return descending && aggregate !== undefined && onlyGrow.includes(aggregate.function);
}

/** The first group, in an order, of those that are equal in some of their columns. */
export class TopGroups {
  private readonly parts = new KeyGroupIds();
  /** By group: the part that it is in. */
  private partOf: Int32Array = new Int32Array(16);
  private grouped = 0;
  /** By part: its first group. */
  private first: Int32Array = new Int32Array(16);
  private partCount = 0;
  /** By group: the change in which it was looked at last. */
  private lookedAt: Int32Array = new Int32Array(16);
  private looks = 0;

  constructor(
    private readonly groups: Aggregate,
    private readonly by: readonly string[],
    order: readonly SortKey[],
  ) {
    const comparisons = order.map((key) => comparison(groups, key));
    const comesBefore = (a: number, b: number) => {
      for (const compare of comparisons) {
        const result = compare(a, b);
        if (result !== 0) return result < 0;
      }
      return false;
    };
    groups.onChange((changed) => {
      this.assignParts();
      this.looks += 1;
      for (const group of changed) {
        // Many rows of one group are looked at once.
        if (this.lookedAt[group] === this.looks) continue;
        this.lookedAt[group] = this.looks;
        const part = this.partOf[group] ?? 0;
        if (part >= this.partCount) {
          // Parts are numbered in the order of groups, of which the new ones come in order.
          this.first[part] = group;
          this.partCount = part + 1;
        } else if (comesBefore(group, this.first[part] ?? 0)) {
          this.first[part] = group;
        }
      }
    });
  }

  get table(): ColumnarTable {
    return this.groups.rows(this.first.subarray(0, this.partCount));
  }

  /** Finds the part of each new group. */
  private assignParts(): void {
    const from = this.grouped;
    const to = this.groups.size;
    this.partOf = ensureCapacity(this.partOf, to);
    this.lookedAt = ensureCapacity(this.lookedAt, to);
    if (this.by.length > 0) {
      const columns = this.by.map((name) => this.groups.keyColumn(name).slice(from, to));
      this.partOf.set(this.parts.intern(columns), from);
    }
    this.first = ensureCapacity(this.first, Math.max(1, this.parts.size));
    this.grouped = to;
  }
}

function comparison(groups: Aggregate, { column, descending }: SortKey): (a: number, b: number) => number {
  const cell = groups.cellsOf(column);
  if (groups.aggregate(column) !== undefined || groups.schema[column] !== 'text') {
    return (a, b) => compareValues(cell(a), cell(b), descending);
  }
  return (a, b) => {
    const texts = groups.keyColumn(column);
    if (texts instanceof StringColumn && texts.codeAt(a) === texts.codeAt(b)) return 0;
    return compareValues(texts.at(a), texts.at(b), descending);
  };
}
