import { type Column, emptyColumn } from '../../../columns/column.ts';
import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { type ColumnarTable, columnarTable } from '../../../columns/table.ts';
import type { RelationNode } from '../../../plan/relation.ts';
import { columnType, type Schema, type Value } from '../../../plan/types.ts';
import { aggregateState } from '../aggregates/create.ts';
import type { AggregateState } from '../aggregates/state.ts';
import { Copies } from '../copies.ts';
import { type Delta, FilteredDelta } from '../delta.ts';
import { firstRows } from '../first_rows.ts';
import { StoredRows } from '../stored_rows.ts';
import type { Operator } from './operator.ts';

export type AggregateRelation = Extract<RelationNode, { kind: 'aggregate' }>;

/** Takes the groups that rows came to or left, each perhaps several times. */
export type GroupsReader = (groups: Indexes<GroupId>) => void;

interface NamedAggregate {
  readonly name: string;
  /** The arguments. */
  readonly columns: readonly string[];
  readonly state: AggregateState;
}

/** One row for each group of rows: its columns, then its aggregates. */
export class Aggregate {
  readonly schema: Schema;
  private readonly groupIds = new KeyGroupIds();
  /** The columns that are grouped by, a row a group. */
  private readonly keyRows: StoredRows;
  /** The number of rows of each group, where rows leave; otherwise each group has one for ever. */
  private readonly rowsOfGroup: Copies | undefined;
  private readonly aggregates: readonly NamedAggregate[];
  private readonly readers: GroupsReader[] = [];

  constructor(
    input: Operator,
    private readonly node: AggregateRelation,
  ) {
    this.schema = node.schema;
    this.rowsOfGroup = input.rowsLeave ? new Copies() : undefined;
    this.keyRows = new StoredRows(input.schema);
    this.keyRows.retain(node.by);
    input.require(node.by);
    this.aggregates = Object.entries(node.aggregates).map(([name, aggregate]) => {
      input.require(aggregate.arguments);
      return {
        name,
        columns: aggregate.arguments,
        state: aggregateState(aggregate, input.schema, input.rowsLeave),
      };
    });
    input.onDelta((delta) => this.take(delta));
  }

  private take(delta: Delta): void {
    const { memory } = delta;
    const before = this.groupIds.size;
    const keys = this.node.by.map((name) => delta.column(name));
    const groups = this.groupIds.intern(keys, memory);
    if (this.size > before) {
      this.keyRows.append(new FilteredDelta(delta, firstRows(groups, before, this.size)));
    }
    this.rowsOfGroup?.change(groups, this.size, delta.change);
    for (const { columns, state } of this.aggregates) {
      const values = columns.map((name) => delta.column(name));
      state.change(groups, values, this.size, memory, delta.change);
    }
    for (const reader of this.readers) {
      reader(groups);
    }
  }

  /** The number of groups so far. */
  get size(): number {
    return this.groupIds.size;
  }

  hasRows(group: GroupId): boolean {
    return this.rowsOfGroup === undefined || this.rowsOfGroup.of(group) > 0;
  }

  onChange(reader: GroupsReader): void {
    this.readers.push(reader);
  }

  isKey(name: string): boolean {
    return this.node.by.includes(name);
  }

  /** A column that is grouped by, a row a group. */
  keyColumn(name: string): Column {
    return this.keyRows.column(name);
  }

  private stateOf(name: string): AggregateState | undefined {
    return this.aggregates.find((aggregate) => aggregate.name === name)?.state;
  }

  /** The value of a column by group. */
  cellsOf(name: string): (group: GroupId) => Value {
    const state = this.stateOf(name);
    // A group's id is the row of its keys.
    return state === undefined
      ? (row: number) => this.keyColumn(name).at(row)
      : (group) => state.value(group);
  }

  /** The rows of some groups. */
  rows(groups: Indexes<GroupId>): ColumnarTable {
    const columns = Object.keys(this.schema).map((name) => {
      const state = this.stateOf(name);
      if (state === undefined) {
        return [name, this.keyColumn(name).gather(groups)];
      }
      const column = emptyColumn(columnType(this.schema, name));
      for (const group of groups) {
        column.add(state.value(group));
      }
      return [name, column];
    });
    return columnarTable(this.schema, Object.fromEntries(columns));
  }

  /** The rows of all groups that have rows. */
  get table(): ColumnarTable {
    const groups = Int32Array.from({ length: this.size }, (_, group) => group);
    return this.rows(this.rowsOfGroup === undefined ? groups : groups.filter((group) => this.hasRows(group)));
  }
}
