/** Expressions over columnar tables: the row-level half of every JavaScript engine. */
import type { ExpressionNode } from '../plan/expression.ts';
import { functions } from '../plan/functions.ts';
import { unknownNode } from '../plan/relation.ts';
import type { ColumnType, Schema, Value } from '../plan/types.ts';
import { type Column, emptyColumn, StringColumn } from './column.ts';
import { type ColumnarTable, columnAt, columnarTable } from './table.ts';

type RowFunction = (row: number) => Value;

/** A column for each expression. The result shares columns and dictionaries with the table where nothing changes. */
export function selectColumns(
  table: ColumnarTable,
  columns: Readonly<Record<string, ExpressionNode>>,
  schema: Schema,
): ColumnarTable {
  const selected = Object.entries(schema).map(([name, type]) => {
    return [name, evaluateColumn(expressionOf(columns, name), type, table)];
  });
  return columnarTable(schema, Object.fromEntries(selected));
}

/** The expression of a selected column. @throws RangeError when there is none */
export function expressionOf(
  columns: Readonly<Record<string, ExpressionNode>>,
  name: string,
): ExpressionNode {
  const expression = columns[name];
  if (expression === undefined) {
    throw new RangeError(`No expression gives the column "${name}".`);
  }
  return expression;
}

/** The values of an expression, one a row. */
export function evaluateColumn(node: ExpressionNode, type: ColumnType, table: ColumnarTable): Column {
  if (node.kind === 'column') {
    return columnAt(table, node.name);
  }
  const names = columnsOf(node);
  const [only] = names;
  if (only !== undefined && names.size === 1) {
    const column = columnAt(table, only);
    if (column instanceof StringColumn && column.dictionary.size <= column.length) {
      return evaluateByCode(node, type, only, column);
    }
  }
  const evaluate = rowFunction(node, table.columns);
  const result = emptyColumn(type);
  for (let row = 0; row < table.length; row += 1) {
    result.add(evaluate(row));
  }
  return result;
}

/** An expression of one text column has one value for each different text: it is computed once for each code. */
function evaluateByCode(node: ExpressionNode, type: ColumnType, name: string, column: StringColumn): Column {
  const { dictionary, codes } = column;
  const texts = { at: (code: number) => (code < dictionary.size ? dictionary.text(code) : null) };
  const evaluate = rowFunction(node, { [name]: texts });
  const values = Array.from({ length: dictionary.size + 1 }, (_, code) => evaluate(code));
  if (type === 'text') {
    const result = new StringColumn();
    const newCodes = values.map((value) => (value === null ? -1 : result.dictionary.intern(String(value))));
    for (const code of codes) {
      result.addCode(newCodes[code < 0 ? dictionary.size : code] ?? -1);
    }
    return result;
  }
  const result = emptyColumn(type);
  for (const code of codes) {
    result.add(values[code < 0 ? dictionary.size : code] ?? null);
  }
  return result;
}

/** An expression as a function of the row's number. */
export function rowFunction(
  node: ExpressionNode,
  columns: Readonly<Record<string, { at(row: number): Value }>>,
): RowFunction {
  switch (node.kind) {
    case 'literal':
      return () => node.value;
    case 'column': {
      const column = columns[node.name];
      if (column === undefined) {
        throw new RangeError(
          `There is no column "${node.name}"; the columns are ${Object.keys(columns).join(', ')}.`,
        );
      }
      return (row) => column.at(row);
    }
    case 'call': {
      const { evaluate } = functions[node.function];
      const [first, second, ...rest] = node.arguments.map((argument) => rowFunction(argument, columns));
      if (first === undefined || rest.length > 0) {
        throw new RangeError(`${node.function} is called with ${node.arguments.length} arguments.`);
      }
      return second === undefined
        ? (row) => evaluate(first(row))
        : (row) => evaluate(first(row), second(row));
    }
    default:
      return unknownNode(node);
  }
}

/** The columns that an expression reads. */
export function columnsOf(node: ExpressionNode): ReadonlySet<string> {
  switch (node.kind) {
    case 'literal':
      return new Set();
    case 'column':
      return new Set([node.name]);
    case 'call':
      return new Set(node.arguments.flatMap((argument) => [...columnsOf(argument)]));
    default:
      return unknownNode(node);
  }
}
