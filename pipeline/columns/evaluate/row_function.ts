import type { ExpressionNode } from '../../plan/expression.ts';
import { functions } from '../../plan/functions.ts';
import { unknownNode } from '../../plan/relation.ts';
import type { Value } from '../../plan/types.ts';
import type { RowIndex } from '../ids.ts';

/** An expression as a function of the row: the plan's own meaning, one row at a time. */
export function rowFunction(
  node: ExpressionNode,
  columns: Readonly<Record<string, { at(row: RowIndex): Value }>>,
): (row: RowIndex) => Value {
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
      const operands = node.arguments.map((argument) => rowFunction(argument, columns));
      const [first, second] = operands;
      // Most calls have one or two arguments, which need no list.
      if (first !== undefined && operands.length === 1) {
        return (row) => evaluate(first(row));
      }
      if (first !== undefined && second !== undefined && operands.length === 2) {
        return (row) => evaluate(first(row), second(row));
      }
      return (row) => evaluate(...operands.map((operand) => operand(row)));
    }
    default:
      return unknownNode(node);
  }
}
