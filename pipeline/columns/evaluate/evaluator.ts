/**
 * Expressions over batches of rows, a column at a time. The plan's table of functions says what they mean; this is only how
 * many rows get there: once for each different value where there are few, by a loop over numbers where that is as fast.
 */
import type { ExpressionNode } from '../../plan/expression.ts';
import { functions } from '../../plan/functions.ts';
import { unknownNode } from '../../plan/relation.ts';
import { type ColumnType, columnType, type Schema, type Value } from '../../plan/types.ts';
import { columnsOf } from '../../plan/walk.ts';
import { type Allocator, heapAllocator } from '../allocator.ts';
import { ArrayColumn, type Column, emptyColumn, StringColumn } from '../column.ts';
import { NumberGroupIds } from '../group_ids/numbers.ts';
import { StringDictionary } from '../string_dictionary.ts';
import { type ColumnarTable, columnAt } from '../table.ts';
import { kernels } from './kernels.ts';
import { rowFunction } from './row_function.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Rows of one relation. */
export interface RowBatch {
  readonly length: number;
  /** Memory of results, which live as long as the batch. */
  readonly memory: Allocator;
  /** Results by the expression's JSON: several readers of the batch share them. */
  readonly evaluated: Map<string, Column>;
  column(name: string): Column;
}

/** Gives the values of an expression for the rows of a batch. The strings of all batches have one dictionary. */
export type ColumnFunction = (batch: RowBatch) => Column;

/** The values of an expression for all rows of a table. */
export function evaluate(node: ExpressionNode, table: ColumnarTable): Column {
  return new Evaluator(table.schema).compile(node)({
    length: table.length,
    memory: heapAllocator,
    evaluated: new Map(),
    column: (name) => columnAt(table, name),
  });
}

/** Compiles expressions over the batches of one relation. */
export class Evaluator {
  private readonly compiled = new Map<string, ColumnFunction>();

  constructor(private readonly schema: Schema) {}

  /** An expression as a function; the same one for the same expression. */
  compile(node: ExpressionNode): ColumnFunction {
    if (node.kind === 'column') {
      return (batch) => batch.column(node.name);
    }
    const key = JSON.stringify(node);
    const cached = this.compiled.get(key);
    if (cached !== undefined) {
      return cached;
    }
    const compute = this.compileUncached(node);
    const memoized: ColumnFunction = (batch) => {
      const column = batch.evaluated.get(key) ?? compute(batch);
      batch.evaluated.set(key, column);
      return column;
    };
    this.compiled.set(key, memoized);
    return memoized;
  }

  private compileUncached(node: Exclude<ExpressionNode, { kind: 'column' }>): ColumnFunction {
    const type = this.typeOf(node);
    if (node.kind === 'literal') {
      return constant(node.value, type);
    }
    const names = [...columnsOf(node)];
    const [name = ''] = names;
    const dictionary = new StringDictionary();
    const kernel = kernels[node.function];
    const hasKernel = kernel?.takes(node.arguments.map((argument) => this.typeOf(argument))) === true;
    const operands = hasKernel ? node.arguments.map((argument) => this.compile(argument)) : [];
    const everyRow: ColumnFunction = hasKernel
      ? (batch) => kernel.evaluate(batch.memory, ...operands.map((operand) => operand(batch)))
      : rowByRow(node, names, type, dictionary);
    // One loop over a column is faster than looking each value up; several are not.
    const isOneLoop = hasKernel && node.arguments.every(({ kind }) => kind === 'column');
    switch (names.length === 1 && !isOneLoop ? columnType(this.schema, name) : undefined) {
      case undefined:
      case 'array<double>':
      case 'array<text>':
        return everyRow;
      case 'text':
        return byString(node, name, type, dictionary);
      default:
        return byNumber(node, name, emptyColumnIn(dictionary, type), everyRow);
    }
  }

  private typeOf(node: ExpressionNode): ColumnType {
    switch (node.kind) {
      case 'column':
        return columnType(this.schema, node.name);
      case 'literal':
        return node.type;
      case 'call':
        return functions[node.function].type(node.arguments.map((argument) => this.typeOf(argument)));
      default:
        return unknownNode(node);
    }
  }
}

/** The same value in every row. */
function constant(value: Value, type: ColumnType): ColumnFunction {
  const one = emptyColumn(type);
  one.add(value);
  return ({ length, memory }) => one.gather(memory.ints(length).fill(0), memory);
}

/** An empty column; the dictionary is used if it holds strings. */
function emptyColumnIn(dictionary: StringDictionary, type: ColumnType): Column {
  if (type === 'array<text>') {
    return ArrayColumn.ofStrings(dictionary);
  }
  return type === 'text' ? new StringColumn(dictionary) : emptyColumn(type);
}

/** Evaluates every row on its own. */
function rowByRow(
  node: ExpressionNode,
  names: readonly string[],
  type: ColumnType,
  dictionary: StringDictionary,
): ColumnFunction {
  return (batch) => {
    const columns = names.map((name) => [name, batch.column(name)]);
    const valueAt = rowFunction(node, Object.fromEntries(columns));
    const result = emptyColumnIn(dictionary, type);
    for (let row = 0; row < batch.length; row += 1) {
      result.add(valueAt(row));
    }
    return result;
  };
}

/** Evaluates an expression of one column of strings: once for each string of the column's dictionary, and for null. */
function byString(
  node: ExpressionNode,
  name: string,
  type: ColumnType,
  dictionary: StringDictionary,
): ColumnFunction {
  let value: Value = null;
  const computed = rowFunction(node, { [name]: { at: () => value } });
  let evaluatedOf: StringDictionary | undefined;
  /** The value for null, then for the codes 0, 1, 2 … */
  let values = emptyColumnIn(dictionary, type);
  return (batch) => {
    const column = batch.column(name);
    if (!(column instanceof StringColumn)) {
      throw new TypeError(`The column "${name}" is of ${column.type}, not text.`);
    }
    const { codes } = column;
    if (column.dictionary !== evaluatedOf) {
      evaluatedOf = column.dictionary;
      values = emptyColumnIn(dictionary, type);
    }
    while (values.length <= evaluatedOf.size) {
      value = values.length === 0 ? null : evaluatedOf.stringAt(values.length - 1);
      values.add(computed(0));
    }
    const rows = batch.memory.ints(codes.length);
    for (let row = 0; row < rows.length; row += 1) {
      rows[row] = (codes[row] ?? -1) + 1;
    }
    return values.gather(rows, batch.memory);
  };
}

/** The largest number of different numbers whose values are kept. */
const mostCachedNumbers = 4096;

/**
 * Evaluates an expression of one column of numbers: once for each number, as long as there are few.
 * @param values takes the value of each number, in the order of first use
 * @param everyRow evaluates the expression when there are many
 */
function byNumber(
  node: ExpressionNode,
  name: string,
  values: Column,
  everyRow: ColumnFunction,
): ColumnFunction {
  const groupIds = new NumberGroupIds();
  let value: Value = null;
  const computed = rowFunction(node, { [name]: { at: () => value } });
  return (batch) => {
    if (groupIds.size > mostCachedNumbers) {
      return everyRow(batch);
    }
    const column = batch.column(name);
    const ids = groupIds.intern(column, batch.memory);
    for (let row = 0; row < ids.length && values.length < groupIds.size; row += 1) {
      if (ids[row] === values.length) {
        value = column.at(row);
        values.add(computed(0));
      }
    }
    return values.gather(ids, batch.memory);
  };
}
