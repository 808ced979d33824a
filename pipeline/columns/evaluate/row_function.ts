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
