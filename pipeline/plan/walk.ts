/** Walks over the nodes of plans. */
import type { ExpressionNode } from './expression.ts';
import { type RelationNode, type SortKey, unknownNode, type WindowNode } from './relation.ts';
import { windows } from './windows.ts';

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

type WindowRelation = Extract<RelationNode, { kind: 'window' }>;

/** The order in which a window function sees the rows of a partition; empty where it makes no difference. */
export function orderOf({ function: name }: WindowNode, { order, ties }: WindowRelation): readonly SortKey[] {
  switch (windows[name].scope) {
    case 'partition':
      return [];
    case 'order':
      return order;
    case 'rows':
    case 'rows so far':
      return [...order, ...ties];
  }
}

/** The columns that the values of a window function depend on. */
export function columnsReadBy(window: WindowNode, relation: WindowRelation): readonly string[] {
  const order = orderOf(window, relation).map(({ column }) => column);
  return [...relation.by, ...order, ...window.arguments];
}

/** The same relation over other inputs. */
export function mapInputs(node: RelationNode, change: (input: RelationNode) => RelationNode): RelationNode {
  switch (node.kind) {
    case 'source':
      return node;
    case 'join':
    case 'left_join':
    case 'semi_join':
    case 'anti_join':
    case 'union':
      return { ...node, left: change(node.left), right: change(node.right) };
    case 'select':
    case 'where':
    case 'distinct':
    case 'explode':
    case 'aggregate':
    case 'top':
    case 'window':
    case 'order':
      return { ...node, input: change(node.input) };
    default:
      return unknownNode(node);
  }
}
