/**
 * Relations of rows, kept up to date: each takes the rows that are new to what it reads and gives on those that are new to
 * it. Rows only ever come, since a cleaned table only grows; so nothing is ever taken back, whatever the order of arrival.
 */
import type { ExpressionNode } from '../plan/expression.ts';
import { columnType, type Schema } from '../plan/types.ts';
import { type Column, NumberColumn, TextColumn } from '../table/column.ts';
import { type ColumnarTable, columnAt, columnarTable } from '../table/columnar_table.ts';
import { DistinctRows } from '../table/distinct_rows.ts';
import { columnsOf, expressionOf } from '../table/evaluate.ts';
import { TextDictionary } from '../table/text_dictionary.ts';
import { TranslatedTexts } from '../table/translated_texts.ts';
import { ChosenRows, type Delta, SelectedColumns, TableRows } from './delta.ts';
import { Evaluator } from './evaluator.ts';
import { StoredRows } from './stored_rows.ts';

/** Takes the rows that are new to a relation. @param first where the first of them is stored, if rows are stored */
export type DeltaReader = (delta: Delta, first: number) => void;

export abstract class Rows {
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
    this.stored.keep(wanted);
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
export class SourceRows extends Rows {
  private readonly needed = new Set<string>();
  private readonly texts = new Map<string, TranslatedTexts>();

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
    this.give(new TableRows({ schema, columns: Object.fromEntries(columns), length: to - from }));
  }

  /** All texts of a column as codes of one dictionary, our own: joins may add to it, which nobody else may be told of. */
  private inOneDictionary(name: string, column: Column): Column {
    if (!(column instanceof TextColumn)) {
      return column;
    }
    const texts = this.texts.get(name) ?? new TranslatedTexts(new TextDictionary());
    this.texts.set(name, texts);
    return new TextColumn(texts.dictionary, texts.codes(column));
  }
}

/** One expression for each column. */
export class SelectRows extends Rows {
  constructor(
    schema: Schema,
    private readonly input: Rows,
    private readonly columns: Readonly<Record<string, ExpressionNode>>,
  ) {
    super(schema);
    const compiled = new Map(
      Object.keys(schema).map((name) => [name, input.evaluator.compile(expressionOf(columns, name))]),
    );
    input.onDelta((delta) => {
      this.give(
        new SelectedColumns(delta.length, (name) => compiled.get(name)?.(delta) ?? delta.column(name)),
      );
    });
  }

  override need(columns: Iterable<string>): void {
    for (const name of columns) {
      this.input.need(columnsOf(expressionOf(this.columns, name)));
    }
  }
}

/** The rows for which a condition is true. */
export class WhereRows extends Rows {
  constructor(
    private readonly input: Rows,
    condition: ExpressionNode,
  ) {
    super(input.schema, input.evaluator);
    input.need(columnsOf(condition));
    const tests = conjuncts(condition).map((conjunct) => rowTest(conjunct, input.evaluator));
    input.onDelta((delta) => {
      const passed = new Uint8Array(delta.length).fill(1);
      for (const test of tests) test(delta, passed);
      this.give(where(delta, passed));
    });
  }

  override need(columns: Iterable<string>): void {
    this.input.need(columns);
  }
}

/** The conditions that must all be true. */
function conjuncts(condition: ExpressionNode): readonly ExpressionNode[] {
  return condition.kind === 'call' && condition.function === 'and'
    ? condition.arguments.flatMap(conjuncts)
    : [condition];
}

/** Sets to 0 what is not true of a row. */
type RowTest = (delta: Delta, passed: Uint8Array) => void;

function rowTest(condition: ExpressionNode, evaluator: Evaluator): RowTest {
  const [operand] = condition.kind === 'call' && condition.function === 'is_known' ? condition.arguments : [];
  const evaluate = evaluator.compile(operand ?? condition);
  return (delta, passed) => {
    const column = evaluate(delta);
    if (column instanceof TextColumn) {
      const { codes } = column;
      for (let row = 0; row < passed.length; row += 1) {
        if ((codes[row] ?? -1) < 0) passed[row] = 0;
      }
    } else if (column instanceof NumberColumn) {
      const { values } = column;
      // Known, or true.
      const least = operand === undefined ? 1 : Number.NEGATIVE_INFINITY;
      for (let row = 0; row < passed.length; row += 1) {
        if (!((values[row] ?? Number.NaN) >= least)) passed[row] = 0;
      }
    } else {
      for (let row = 0; row < passed.length; row += 1) {
        if (column.elementsAt(row) === undefined) passed[row] = 0;
      }
    }
  };
}

/** The rows that have passed. */
function where(delta: Delta, passed: Uint8Array): Delta {
  const rows = new Int32Array(passed.length);
  let length = 0;
  for (let row = 0; row < passed.length; row += 1) {
    rows[length] = row;
    length += passed[row] ?? 0;
  }
  return length === passed.length ? delta : new ChosenRows(delta, rows.subarray(0, length));
}

/** Each row once. */
export class DistinctRowsOf extends Rows {
  private readonly rows: DistinctRows;

  constructor(input: Rows) {
    super(input.schema);
    this.rows = new DistinctRows(input.schema);
    input.need(Object.keys(input.schema));
    input.onDelta((delta) => {
      const before = this.rows.length;
      this.rows.add(tableOf(input.schema, delta));
      this.give(new TableRows(this.rows.rowsFrom(before)));
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
