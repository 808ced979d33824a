/** Literal groups and values into the states of aggregates. */
import { columnOf } from '../../../../pipeline/columns/column.ts';
import { aggregateState } from '../../../../pipeline/engines/incremental/aggregates/create.ts';
import type { AggregateState } from '../../../../pipeline/engines/incremental/aggregates/state.ts';
import type { Change } from '../../../../pipeline/engines/incremental/delta.ts';
import type { AggregateName } from '../../../../pipeline/plan/aggregates.ts';
import type { AggregateNode } from '../../../../pipeline/plan/relation.ts';
import type { ColumnType, Value } from '../../../../pipeline/plan/types.ts';
import { OverwrittenArena } from '../../../support/overwritten_arena.ts';

export type GroupedRow = readonly [group: number, ...values: readonly Value[]];

/** An aggregate of columns of these types: takes rows of a group and its values, delta after delta. */
export function stateOf(name: AggregateName, ...types: readonly ColumnType[]) {
  return stateOfNode({ function: name }, types);
}

/** The same, of an aggregate that has more than columns. @param rowsLeave true when rows can also be taken back */
export function stateOfNode(
  node: Omit<AggregateNode, 'arguments'>,
  types: readonly ColumnType[],
  rowsLeave = false,
) {
  const names = types.map((_, i) => `argument_${i}`);
  const schema = Object.fromEntries(names.map((each, i) => [each, types[i] ?? 'int']));
  const state: AggregateState = aggregateState({ ...node, arguments: names }, schema, rowsLeave);
  const memory = new OverwrittenArena();
  let size = 0;
  const change = (rows: readonly GroupedRow[], by: Change) => {
    const groups = Int32Array.from(rows, ([group]) => group);
    size = Math.max(size, ...groups.map((group) => group + 1));
    const columns = types.map((type, i) =>
      columnOf(
        type,
        rows.map((row) => row[i + 1] ?? null),
      ),
    );
    state.change(groups, columns, size, memory, by);
    memory.reset();
  };
  return {
    state,
    add: (...rows: readonly GroupedRow[]) => change(rows, 1),
    remove: (...rows: readonly GroupedRow[]) => change(rows, -1),
    /** The values of all groups so far. */
    values: () => Array.from({ length: size }, (_, group) => state.value(group)),
  };
}
