/**
 * Expressions over deltas, a column at a time. What they mean is in the plan's table of functions; here is only how it is
 * had for many rows: once for each different value where there are few, by a loop over numbers where that is as good.
 */

import { type Column, emptyColumn, StringColumn } from '../../columns/column.ts';
import { columnsOf, rowFunction } from '../../columns/evaluate.ts';
import { NumberGroupIds } from '../../columns/group_ids/values.ts';
import { StringDictionary } from '../../columns/string_dictionary.ts';
import type { ExpressionNode } from '../../plan/expression.ts';
import { functions } from '../../plan/functions.ts';
import { unknownNode } from '../../plan/relation.ts';
import { type ColumnType, columnType, type Schema, type Value } from '../../plan/types.ts';
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
    const names = [...columnsOf(node)];
    const [name = ''] = names;
    const texts = new StringDictionary();
    const kernel = kernels[node.function];
    const hasLoop = kernel?.takes(node.arguments.map((argument) => this.typeOf(argument))) === true;
    const operands = hasLoop ? node.arguments.map((argument) => this.compile(argument)) : [];
    const all: ColumnFunction = hasLoop
      ? (delta) => kernel.evaluate(delta.scratch, ...operands.map((operand) => operand(delta)))
      : rowByRow(node, names, type, texts);
    // One loop over a column is faster than looking each value up; several are not.
    const isOneLoop = hasLoop && node.arguments.every(({ kind }) => kind === 'column');
    switch (names.length === 1 && !isOneLoop ? columnType(this.schema, name) : undefined) {
      case undefined:
      case 'array<double>':
        return all;
      case 'text':
        return byText(node, name, columnIn(type, texts));
      default:
        return byNumber(node, name, columnIn(type, texts), all);
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
  return ({ length, scratch }) => one.gather(scratch.ints(length).fill(0), scratch);
}

/** An empty column, its texts in a dictionary. */
function columnIn(type: ColumnType, texts: StringDictionary): Column {
  return type === 'text' ? new StringColumn(texts) : emptyColumn(type);
}

/** Every row on its own. */
function rowByRow(
  node: ExpressionNode,
  names: readonly string[],
  type: ColumnType,
  texts: StringDictionary,
): ColumnFunction {
  return (delta) => {
    const columns = names.map((name) => [name, delta.column(name)]);
    const evaluate = rowFunction(node, Object.fromEntries(columns));
    const result = columnIn(type, texts);
    for (let row = 0; row < delta.length; row += 1) {
      result.add(evaluate(row));
    }
    return result;
  };
}

/**
 * An expression of one column of text: once for each text of its dictionary, and for null.
 * @param values takes the value for null, then for the code 0, 1, 2 …
 */
function byText(node: ExpressionNode, name: string, values: Column): ColumnFunction {
  let value: Value = null;
  const evaluate = rowFunction(node, { [name]: { at: () => value } });
  return (delta) => {
    const column = delta.column(name);
    if (!(column instanceof StringColumn)) {
      throw new TypeError(`The column "${name}" is of ${column.type}, not text.`);
    }
    const { codes, dictionary } = column;
    while (values.length <= dictionary.size) {
      value = values.length === 0 ? null : dictionary.text(values.length - 1);
      values.add(evaluate(0));
    }
    const rows = delta.scratch.ints(codes.length);
    for (let row = 0; row < rows.length; row += 1) {
      rows[row] = (codes[row] ?? -1) + 1;
    }
    return values.gather(rows, delta.scratch);
  };
}

/** More different numbers than this are not remembered. */
const rememberedNumbers = 4096;

/**
 * An expression of one column of numbers: once for each number, as long as there are few.
 * @param values takes the value of each number, in the order of first use
 * @param all evaluates the expression when there are many
 */
function byNumber(node: ExpressionNode, name: string, values: Column, all: ColumnFunction): ColumnFunction {
  const coder = new NumberGroupIds();
  let value: Value = null;
  const evaluate = rowFunction(node, { [name]: { at: () => value } });
  return (delta) => {
    if (coder.size > rememberedNumbers) {
      return all(delta);
    }
    const column = delta.column(name);
    const codes = coder.intern(column, delta.scratch);
    for (let row = 0; row < codes.length && values.length < coder.size; row += 1) {
      if (codes[row] === values.length) {
        value = column.at(row);
        values.add(evaluate(0));
      }
    }
    return values.gather(codes, delta.scratch);
  };
}
