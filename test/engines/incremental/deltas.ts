/** Literal rows in and out of operators. */
import { type Row, tableOfRows } from '../../../pipeline/columns/table.ts';
import type { Operator } from '../../../pipeline/engines/incremental/operators/operator.ts';
import { Source } from '../../../pipeline/engines/incremental/operators/source.ts';
import type { Schema } from '../../../pipeline/plan/types.ts';
import { OverwrittenArena } from '../../support/overwritten_arena.ts';

/** A source, and a function that adds rows to it as one delta. */
export function input(schema: Schema) {
  const source = new Source(schema, new OverwrittenArena());
  return { source, insert: (rows: readonly Row[]) => source.add(tableOfRows(schema, rows), 0, rows.length) };
}

/** Records what an operator emits. @returns a function that gives the rows of each delta since its last call */
export function emittedBy(operator: Operator): () => Row[][] {
  const names = Object.keys(operator.schema);
  const deltas: Row[][] = [];
  operator.require(names);
  operator.onDelta((delta) => {
    const rowAt = (row: number) =>
      Object.fromEntries(names.map((name) => [name, delta.column(name).at(row)]));
    deltas.push(Array.from({ length: delta.length }, (_, row) => rowAt(row)));
  });
  return () => deltas.splice(0);
}
