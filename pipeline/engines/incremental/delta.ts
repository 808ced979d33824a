/**
 * Rows that come to a relation, or rows that leave it, by column. A column is made at its first use, and then kept as long as
 * the delta.
 */

import type { Allocator } from '../../columns/allocator.ts';
import type { Column } from '../../columns/column.ts';
import type { RowBatch } from '../../columns/evaluate/evaluator.ts';
import type { Indexes, RowIndex } from '../../columns/ids.ts';
import { type ColumnarTable, columnAt } from '../../columns/table.ts';
import type { Schema } from '../../plan/types.ts';

/** The effect of a delta on the number of copies of each of its rows: they come, or they leave. */
export type Change = 1 | -1;

export abstract class Delta implements RowBatch {
  readonly evaluated = new Map<string, Column>();
  private readonly made = new Map<string, Column>();

  /**
   * @param length the number of rows
   * @param memory of what is made of the rows: it is reused for the next delta
   */
  constructor(
    readonly length: number,
    readonly memory: Allocator,
    readonly change: Change,
  ) {}

  column(name: string): Column {
    let column = this.made.get(name);
    if (column === undefined) {
      column = this.make(name);
      this.made.set(name, column);
    }
    return column;
  }

  /** The rows with the columns of a schema. */
  tableOf(schema: Schema): ColumnarTable {
    const columns: Record<string, Column> = {};
    for (const name of Object.keys(schema)) {
      columns[name] = this.column(name);
    }
    return { schema, columns, length: this.length };
  }

  protected abstract make(name: string): Column;
}

/** Rows of a table. */
export class TableDelta extends Delta {
  constructor(
    private readonly table: ColumnarTable,
    memory: Allocator,
    change: Change,
  ) {
    super(table.length, memory, change);
  }

  protected override make(name: string): Column {
    return columnAt(this.table, name);
  }
}

/** Some of the rows. */
export class FilteredDelta extends Delta {
  constructor(
    private readonly input: Delta,
    private readonly rows: Indexes<RowIndex>,
  ) {
    super(rows.length, input.memory, input.change);
  }

  protected override make(name: string): Column {
    return this.input.column(name).gather(this.rows, this.memory);
  }
}

/** A row for each element of an array. */
export class ExplodedDelta extends Delta {
  constructor(
    private readonly input: Delta,
    private readonly rows: Indexes<RowIndex>,
    private readonly name: string,
    private readonly elements: Column,
  ) {
    super(rows.length, input.memory, input.change);
  }

  protected override make(name: string): Column {
    return name === this.name ? this.elements : this.input.column(name).gather(this.rows, this.memory);
  }
}

/** The same rows with other columns. */
export class ProjectedDelta extends Delta {
  constructor(
    { length, memory, change }: Delta,
    private readonly values: (name: string) => Column,
  ) {
    super(length, memory, change);
  }

  protected override make(name: string): Column {
    return this.values(name);
  }
}

/** Pairs of rows of two tables, made by a delta of one of them. */
export class JoinedDelta extends Delta {
  constructor(
    private readonly left: ColumnarTable,
    private readonly leftRows: Indexes<RowIndex>,
    private readonly right: ColumnarTable,
    private readonly rightRows: Indexes<RowIndex>,
    { memory, change }: Delta,
  ) {
    super(leftRows.length, memory, change);
  }

  protected override make(name: string): Column {
    return Object.hasOwn(this.left.columns, name)
      ? columnAt(this.left, name).gather(this.leftRows, this.memory)
      : columnAt(this.right, name).gather(this.rightRows, this.memory);
  }
}
