import { DistinctRows } from '../../../columns/distinct_rows.ts';
import type { Schema } from '../../../plan/types.ts';
import { CountedRows } from '../counted_rows.ts';
import { type Delta, FilteredDelta, TableDelta } from '../delta.ts';
import { Operator } from './operator.ts';

/** Each row once. */
export class Distinct extends Operator {
  constructor(input: Operator) {
    super(input.schema, input.rowsLeave);
    input.require(Object.keys(input.schema));
    const changed = input.rowsLeave ? rowsThatTurn(input.schema) : rowsThatAreNew(input.schema);
    input.onDelta((delta) => this.emit(changed(delta)));
  }

  override require(): void {
    // All columns are read in any case: they decide which rows are equal.
  }
}

/** The rows that no earlier one equals, where rows only come. */
function rowsThatAreNew(schema: Schema): (delta: Delta) => Delta {
  let rows: DistinctRows | undefined;
  return (delta) => {
    const table = delta.tableOf(schema);
    rows ??= DistinctRows.like(table);
    const before = rows.length;
    rows.add(table);
    return new TableDelta(rows.rowsFrom(before), delta.memory, delta.change);
  };
}

/** The rows that are the first of their copies to come, or the last to leave. */
function rowsThatTurn(schema: Schema): (delta: Delta) => Delta {
  const rows = new CountedRows(schema);
  rows.retain(Object.keys(schema));
  return (delta) => new FilteredDelta(delta, rows.change(delta).turned);
}
