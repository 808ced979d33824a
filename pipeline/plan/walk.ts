/** Walks over the nodes of plans. */
import type { ExpressionNode } from './expression.ts';
import { type RelationNode, unknownNode } from './relation.ts';

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

/** The conditions that must all be true, one for each operand of `and`. */
export function conjuncts(condition: ExpressionNode): readonly ExpressionNode[] {
  return condition.kind === 'call' && condition.function === 'and'
    ? condition.arguments.flatMap(conjuncts)
    : [condition];
}

/** The same relation over other inputs. */
export function mapInputs(node: RelationNode, change: (input: RelationNode) => RelationNode): RelationNode {
  switch (node.kind) {
    case 'source':
      return node;
    case 'join':
      return { ...node, left: change(node.left), right: change(node.right) };
    case 'select':
    case 'where':
    case 'distinct':
    case 'explode':
    case 'aggregate':
    case 'top':
    case 'order':
      return { ...node, input: change(node.input) };
    default:
      return unknownNode(node);
  }
}
