import { emptyColumn } from '../../../columns/column.ts';
import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import { type ColumnarTable, columnarTable } from '../../../columns/table.ts';
import type { RelationNode } from '../../../plan/relation.ts';
import { columnType, type Schema, type Value } from '../../../plan/types.ts';
import { type AggregateState, aggregateState } from '../aggregates/states.ts';
import { FilteredDelta } from '../delta.ts';
import { StoredRows } from '../stored_rows.ts';
import type { Operator } from './rows.ts';

type AggregateNodeOfPlan = Extract<RelationNode, { kind: 'aggregate' }>;

/** Takes the groups that rows were added to, each perhaps several times. */
export type GroupsReader = (groups: Int32Array) => void;

/** One row for each group of rows: its columns, then its aggregates. Groups are numbered in the order of first use. */
export class Aggregate {
  readonly schema: Schema;
  private readonly by: readonly string[];
  private readonly keys = new KeyGroupIds();
  /** The columns that are grouped by, a row a group. */
  private readonly keyRows: StoredRows;
  private readonly states: readonly { readonly name: string; readonly state: AggregateState }[];
  private readonly readers: GroupsReader[] = [];

  constructor(input: Operator, node: AggregateNodeOfPlan) {
    this.schema = node.schema;
    this.by = node.by;
    this.keyRows = new StoredRows(input.schema);
    this.keyRows.retain(node.by);
    const wanted = Object.entries(node.aggregates);
    this.states = wanted.map(([name, aggregate]) => ({
      name,
      state: aggregateState(aggregate, input.schema),
    }));
    input.need([...node.by, ...wanted.flatMap(([, aggregate]) => aggregate.arguments)]);
    input.onDelta((delta) => {
      const known = this.keys.size;
      const groups = this.keys.intern(
        node.by.map((name) => delta.column(name)),
        delta.scratch,
      );
      this.keyRows.append(new FilteredDelta(delta, firstRows(groups, known, this.keys.size)));
      for (const [i, [, aggregate]] of wanted.entries()) {
        const columns = aggregate.arguments.map((name) => delta.column(name));
        this.states[i]?.state.add(groups, columns, this.keys.size, delta.scratch);
      }
      for (const reader of this.readers) {
        reader(groups);
      }
    });
  }

  /** The number of groups. */
  get size(): number {
    return this.keys.size;
  }

  onChange(reader: GroupsReader): void {
    this.readers.push(reader);
  }

  /** A column that is grouped by, a row a group. */
  keyColumn(name: string) {
    return this.keyRows.column(name);
  }

  /** An aggregate by its column's name, undefined where the column is grouped by. */
  aggregate(name: string): AggregateState | undefined {
    return this.states.find((known) => known.name === name)?.state;
  }

  /** The value of a column by group. */
  cellsOf(name: string): (group: number) => Value {
    const state = this.aggregate(name);
    return state === undefined
      ? (group) => this.keyRows.column(name).at(group)
      : (group) => state.value(group);
  }

  /** The rows of some groups. */
  rows(groups: Int32Array): ColumnarTable {
    const columns = Object.keys(this.schema).map((name) => {
      const state = this.aggregate(name);
      if (state === undefined) {
        return [name, this.keyRows.column(name).gather(groups)];
      }
      const column = emptyColumn(columnType(this.schema, name));
      for (const group of groups) {
        column.add(state.value(group));
      }
      return [name, column];
    });
    return columnarTable(this.schema, Object.fromEntries(columns));
  }

  /** The rows of all groups. */
  get table(): ColumnarTable {
    return this.rows(Int32Array.from({ length: this.size }, (_, group) => group));
  }
}

/** For each group from `known` on, the first of the rows in it: codes are given in the order of rows. */
function firstRows(groups: Int32Array, known: number, size: number): Int32Array {
  const rows = new Int32Array(size - known);
  let next = known;
  for (let row = 0; row < groups.length && next < size; row += 1) {
    if (groups[row] === next) {
      rows[next - known] = row;
      next += 1;
    }
  }
  return rows;
}
