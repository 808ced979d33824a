/**
 * Expressions over deltas, a column at a time. What they mean is in the plan's table of functions; here is only how it is
 * had for many rows: once for each different value where there are few, by a loop over numbers where that is as good.
 */
import type { ExpressionNode } from '../plan/expression.ts';
import { functions } from '../plan/functions.ts';
import { unknownNode } from '../plan/relation.ts';
import { type ColumnType, columnType, type Schema, type Value } from '../plan/types.ts';
import { type Column, emptyColumn, NumberColumn, TextColumn } from '../table/column.ts';
import { columnsOf, rowFunction } from '../table/evaluate.ts';
import { NumberCoder } from './coders.ts';
import type { Delta } from './delta.ts';
import { kernels } from './kernels.ts';

/** The values of an expression for the rows of a delta. Of text, all deltas have one dictionary. */
type ColumnFunction = (delta: Delta) => Column;

/** Evaluates expressions over the deltas of one relation. */
export class Evaluator {
  private readonly compiled = new Map<string, ColumnFunction>();

  constructor(private readonly schema: Schema) {}

  /** An expression as a function; the same one for the same expression. */
  compile(node: ExpressionNode): ColumnFunction {
    if (node.kind === 'column') {
      return (delta) => delta.column(node.name);
    }
    const key = JSON.stringify(node);
    const known = this.compiled.get(key);
    if (known !== undefined) {
      return known;
    }
    const evaluate = this.compileAnew(node);
    const remembering: ColumnFunction = (delta) => {
      const column = delta.evaluated.get(key) ?? evaluate(delta);
      delta.evaluated.set(key, column);
      return column;
    };
    this.compiled.set(key, remembering);
    return remembering;
  }

  private compileAnew(node: Exclude<ExpressionNode, { kind: 'column' }>): ColumnFunction {
    const type = this.typeOf(node);
    if (node.kind === 'literal') {
      return constant(node.value, type);
    }
    const kernel = kernels[node.function];
    if (kernel?.takes(node.arguments.map((argument) => this.typeOf(argument)))) {
      const operands = node.arguments.map((argument) => this.compile(argument));
      return (delta) => kernel.evaluate(...operands.map((operand) => operand(delta)));
    }
    const names = [...columnsOf(node)];
    const [name = ''] = names;
    if (names.length === 1 && columnType(this.schema, name) !== 'array<double>') {
      return columnType(this.schema, name) === 'text' ? byText(node, name, type) : byNumber(node, name, type);
    }
    return rowByRow(node, names, type);
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
  return ({ length }) => one.gather(new Int32Array(length));
}

/** Every row on its own. */
function rowByRow(node: ExpressionNode, names: readonly string[], type: ColumnType): ColumnFunction {
  const empty = emptyColumn(type);
  return (delta) => {
    const evaluate = rowFunction(node, Object.fromEntries(names.map((name) => [name, delta.column(name)])));
    const result = empty instanceof TextColumn ? new TextColumn(empty.dictionary) : emptyColumn(type);
    for (let row = 0; row < delta.length; row += 1) {
      result.add(evaluate(row));
    }
    return result;
  };
}

/** An expression of one column of text: once for each text of its dictionary, and for null. */
function byText(node: ExpressionNode, name: string, type: ColumnType): ColumnFunction {
  /** The value for null, then for the code 0, 1, 2 … */
  const values = emptyColumn(type);
  let value: Value = null;
  const evaluate = rowFunction(node, { [name]: { at: () => value } });
  return (delta) => {
    const column = delta.column(name);
    if (!(column instanceof TextColumn)) {
      throw new TypeError(`The column "${name}" is of ${column.type}, not text.`);
    }
    const { codes, dictionary } = column;
    while (values.length <= dictionary.size) {
      value = values.length === 0 ? null : dictionary.text(values.length - 1);
      values.add(evaluate(0));
    }
    return values.gather(codes.map((code) => code + 1));
  };
}

/** More different numbers than this are not remembered. */
const rememberedNumbers = 4096;

/** An expression of one column of numbers: once for each number, as long as there are few. */
function byNumber(node: ExpressionNode, name: string, type: ColumnType): ColumnFunction {
  const coder = new NumberCoder();
  const values = emptyColumn(type);
  let column: Column | undefined;
  let at = 0;
  const evaluate = rowFunction(node, { [name]: { at: () => column?.at(at) ?? null } });
  return (delta) => {
    column = delta.column(name);
    if (!(column instanceof NumberColumn)) {
      throw new TypeError(`The column "${name}" is of ${column.type}, not a number.`);
    }
    const numbers = column.values;
    const rows = new Int32Array(numbers.length);
    let row = 0;
    for (; row < rows.length && coder.size < rememberedNumbers; row += 1) {
      const code = coder.codeOf(numbers[row] ?? Number.NaN);
      if (code === values.length) {
        at = row;
        values.add(evaluate(0));
      }
      rows[row] = code;
    }
    const result = values.gather(rows.subarray(0, row));
    for (; row < rows.length; row += 1) {
      at = row;
      result.add(evaluate(0));
    }
    return result;
  };
}
