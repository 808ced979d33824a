/**
 * Relations of rows, kept up to date: each takes the rows that are new to what it reads and gives on those that are new to
 * it. Rows only ever come, since a cleaned table only grows; so nothing is ever taken back, whatever the order of arrival.
 */

import type { Arena } from '../../../columns/arena.ts';
import { type Column, StringColumn } from '../../../columns/column.ts';
import { DictionaryUnifier } from '../../../columns/dictionary_unifier.ts';
import { DistinctRows } from '../../../columns/distinct_rows.ts';
import { columnsOf, expressionOf } from '../../../columns/evaluate.ts';
import { StringDictionary } from '../../../columns/string_dictionary.ts';
import { type ColumnarTable, columnAt, columnarTable } from '../../../columns/table.ts';
import type { ExpressionNode } from '../../../plan/expression.ts';
import { columnType, type Schema } from '../../../plan/types.ts';
import { type Delta, ProjectedDelta, TableDelta } from '../delta.ts';
import { Evaluator } from '../evaluator.ts';
import { rowTests, where } from '../row_tests.ts';
import { StoredRows } from '../stored_rows.ts';

/** Takes the rows that are new to a relation. @param first where the first of them is stored, if rows are stored */
export type DeltaReader = (delta: Delta, first: number) => void;

export abstract class Operator {
  private readonly readers: DeltaReader[] = [];
  private stored: StoredRows | undefined;

  constructor(
    readonly schema: Schema,
    readonly evaluator = new Evaluator(schema),
  ) {}

  /** Says that columns will be read, before the first row comes. */
  abstract need(columns: Iterable<string>): void;

  onDelta(reader: DeltaReader): void {
    this.readers.push(reader);
  }

  /** Keeps these columns of all rows, once for all who ask. */
  store(columns: Iterable<string>): StoredRows {
    const wanted = [...columns];
    this.need(wanted);
    this.stored ??= new StoredRows(this.schema);
    this.stored.retain(wanted);
    return this.stored;
  }

  protected give(delta: Delta): void {
    if (delta.length === 0) {
      return;
    }
    const first = this.stored?.append(delta) ?? 0;
    for (const reader of this.readers) {
      reader(delta, first);
    }
  }
}

/** The rows of a source, which come from outside. */
export class Source extends Operator {
  private readonly needed = new Set<string>();
  private readonly texts = new Map<string, DictionaryUnifier>();

  constructor(
    schema: Schema,
    private readonly scratch: Arena,
  ) {
    super(schema);
  }

  override need(columns: Iterable<string>): void {
    for (const name of columns) {
      this.needed.add(name);
    }
  }

  get neededColumns(): ReadonlySet<string> {
    return this.needed;
  }

  /** Takes some rows of a table that has at least the columns that are needed. */
  add(table: ColumnarTable, from: number, to: number): void {
    const columns = [...this.needed].map((name) => [
      name,
      this.inOneDictionary(name, columnAt(table, name).slice(from, to)),
    ]);
    const schema = Object.fromEntries([...this.needed].map((name) => [name, columnType(this.schema, name)]));
    this.give(
      new TableDelta({ schema, columns: Object.fromEntries(columns), length: to - from }, this.scratch),
    );
    this.scratch.reset();
  }

  /** All texts of a column as codes of one dictionary, our own: joins may add to it, which nobody else may be told of. */
  private inOneDictionary(name: string, column: Column): Column {
    if (!(column instanceof StringColumn)) {
      return column;
    }
    const texts = this.texts.get(name) ?? new DictionaryUnifier(new StringDictionary());
    this.texts.set(name, texts);
    return new StringColumn(texts.dictionary, texts.codes(column, this.scratch));
  }
}

/** One expression for each column. */
export class Project extends Operator {
  constructor(
    schema: Schema,
    private readonly input: Operator,
    private readonly columns: Readonly<Record<string, ExpressionNode>>,
  ) {
    super(schema);
    const compiled = new Map(
      Object.keys(schema).map((name) => [name, input.evaluator.compile(expressionOf(columns, name))]),
    );
    input.onDelta((delta) => {
      this.give(new ProjectedDelta(delta, (name) => compiled.get(name)?.(delta) ?? delta.column(name)));
    });
  }

  override need(columns: Iterable<string>): void {
    for (const name of columns) {
      this.input.need(columnsOf(expressionOf(this.columns, name)));
    }
  }
}

/** The rows for which a condition is true. */
export class Filter extends Operator {
  constructor(
    private readonly input: Operator,
    condition: ExpressionNode,
  ) {
    super(input.schema, input.evaluator);
    input.need(columnsOf(condition));
    const tests = rowTests(condition, input.evaluator);
    input.onDelta((delta) => this.give(where(delta, tests)));
  }

  override need(columns: Iterable<string>): void {
    this.input.need(columns);
  }
}

/** Each row once. */
export class Distinct extends Operator {
  private readonly rows: DistinctRows;

  constructor(input: Operator) {
    super(input.schema);
    this.rows = new DistinctRows(input.schema);
    input.need(Object.keys(input.schema));
    input.onDelta((delta) => {
      const before = this.rows.length;
      this.rows.add(tableOf(input.schema, delta));
      this.give(new TableDelta(this.rows.rowsFrom(before), delta.scratch));
    });
  }

  override need(): void {
    // All columns are read in any case: they say which rows are the same.
  }
}

/** The rows of a delta as a table. */
function tableOf(schema: Schema, delta: Delta): ColumnarTable {
  const columns = Object.keys(schema).map((name) => [name, delta.column(name)]);
  return columnarTable(schema, Object.fromEntries(columns));
}
