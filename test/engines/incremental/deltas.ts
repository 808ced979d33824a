/** Literal rows in and out of operators. */
import { type Row, tableOfRows } from '../../../pipeline/columns/table.ts';
import type { Change } from '../../../pipeline/engines/incremental/delta.ts';
import type { Operator } from '../../../pipeline/engines/incremental/operators/operator.ts';
import { Source } from '../../../pipeline/engines/incremental/operators/source.ts';
import type { Schema } from '../../../pipeline/plan/types.ts';
import { OverwrittenArena } from '../../support/overwritten_arena.ts';

/** A source, and functions that add rows to it and take rows back as one delta. */
export function input(schema: Schema, rowsLeave = false) {
  const source = new Source(schema, new OverwrittenArena(), rowsLeave);
  const change = (rows: readonly Row[], by: Change) =>
    source.change(tableOfRows(schema, rows), 0, rows.length, by);
  return {
    source,
    insert: (rows: readonly Row[]) => change(rows, 1),
    remove: (rows: readonly Row[]) => change(rows, -1),
  };
}

/** Records what an operator emits. @returns a function that gives the rows of each delta since its last call */
export function emittedBy(operator: Operator): () => Row[][] {
  const changes = changesOf(operator);
  return () => changes().map(({ rows }) => rows);
}

/** The same, with what each delta does: 1 for rows that come, −1 for rows that leave. */
export function changesOf(operator: Operator): () => { by: Change; rows: Row[] }[] {
  const names = Object.keys(operator.schema);
  const deltas: { by: Change; rows: Row[] }[] = [];
  operator.require(names);
  operator.onDelta((delta) => {
    const rowAt = (row: number) =>
      Object.fromEntries(names.map((name) => [name, delta.column(name).at(row)]));
    deltas.push({ by: delta.change, rows: Array.from({ length: delta.length }, (_, row) => rowAt(row)) });
  });
  return () => deltas.splice(0);
}
