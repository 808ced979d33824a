import { DistinctRows } from '../../../columns/distinct_rows.ts';
import { columnarTable } from '../../../columns/table.ts';
import { TableDelta } from '../delta.ts';
import { Operator } from './operator.ts';

/** Each row once. */
export class Distinct extends Operator {
  constructor(input: Operator) {
    super(input.schema);
    const names = Object.keys(input.schema);
    const rows = new DistinctRows(input.schema);
    input.require(names);
    input.onDelta((delta) => {
      const before = rows.length;
      const columns = names.map((name) => [name, delta.column(name)]);
      rows.add(columnarTable(input.schema, Object.fromEntries(columns)));
      this.emit(new TableDelta(rows.rowsFrom(before), delta.memory));
    });
  }

  override require(): void {
    // All columns are read in any case: they decide which rows are equal.
  }
}
