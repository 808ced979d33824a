/** Rows that are new to a relation, by column. A column is made when somebody first asks for it, and then kept. */

import type { Arena } from '../../columns/arena.ts';
import type { Column } from '../../columns/column.ts';
import { type ColumnarTable, columnAt } from '../../columns/table.ts';

export abstract class Delta {
  /** Values of expressions over these rows, by the expression's text: queries share them. */
  readonly evaluated = new Map<string, Column>();
  private readonly made = new Map<string, Column>();

  /**
   * @param length the number of rows
   * @param scratch for what is made of the rows: nothing of it is there for the next delta
   */
  constructor(
    readonly length: number,
    readonly scratch: Arena,
  ) {}

  column(name: string): Column {
    let column = this.made.get(name);
    if (column === undefined) {
      column = this.make(name);
      this.made.set(name, column);
    }
    return column;
  }

  protected abstract make(name: string): Column;
}

/** Rows of a table. */
export class TableDelta extends Delta {
  constructor(
    private readonly table: ColumnarTable,
    scratch: Arena,
  ) {
    super(table.length, scratch);
  }

  protected override make(name: string): Column {
    return columnAt(this.table, name);
  }
}

/** Some of the rows. */
export class FilteredDelta extends Delta {
  constructor(
    private readonly input: Delta,
    private readonly rows: Int32Array,
  ) {
    super(rows.length, input.scratch);
  }

  protected override make(name: string): Column {
    return this.input.column(name).gather(this.rows, this.scratch);
  }
}

/** The same rows with other columns. */
export class ProjectedDelta extends Delta {
  constructor(
    { length, scratch }: Delta,
    private readonly values: (name: string) => Column,
  ) {
    super(length, scratch);
  }

  protected override make(name: string): Column {
    return this.values(name);
  }
}

/** Pairs of rows of two tables. */
export class JoinedDelta extends Delta {
  constructor(
    private readonly left: ColumnarTable,
    private readonly leftRows: Int32Array,
    private readonly right: ColumnarTable,
    private readonly rightRows: Int32Array,
    scratch: Arena,
  ) {
    super(leftRows.length, scratch);
  }

  protected override make(name: string): Column {
    return Object.hasOwn(this.left.columns, name)
      ? columnAt(this.left, name).gather(this.leftRows, this.scratch)
      : columnAt(this.right, name).gather(this.rightRows, this.scratch);
  }
}
