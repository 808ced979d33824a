/** A plan as steps in English, from its sources on. */
import type { ExpressionNode } from '../../../pipeline/plan/expression.ts';
import { inputsOf, type RelationNode, type SortKey, unknownNode } from '../../../pipeline/plan/relation.ts';
import { conjuncts } from '../../../pipeline/plan/walk.ts';
import { aggregateInWords, expressionInWords, listed, windowInWords } from './words.ts';

/** The steps of a plan, the first one first. */
export function planInWords(node: RelationNode): readonly string[] {
  const [first, second] = inputsOf(node);
  return [
    ...(first === undefined ? [] : planInWords(first)),
    // A second input that is more than a source has steps of its own.
    ...(second === undefined || second.kind === 'source' ? [] : planInWords(second)),
    stepOf(node),
  ];
}

function stepOf(node: RelationNode): string {
  switch (node.kind) {
    case 'source':
      return `Take the rows of ${node.name}.`;
    case 'select':
      return columnsInWords(node.columns);
    case 'where':
      return `Keep the rows for which ${listed(conjuncts(node.condition).map(expressionInWords), 'and')}.`;
    case 'distinct':
      return 'Keep each different row once.';
    case 'explode':
      return `Make a row of each element of ${node.column}, called ${node.as}.`;
    case 'join':
      return `Pair them with ${otherOf(node)} of the same ${listed(node.on, 'and')}.`;
    case 'left_join':
      return `Pair them with ${otherOf(node)} of the same ${listed(node.on, 'and')}, and keep those without a pair.`;
    case 'semi_join':
      return `Keep those whose ${listed(node.on, 'and')} ${otherOf(node)} have too.`;
    case 'anti_join':
      return `Keep those whose ${listed(node.on, 'and')} no row of ${sourceOf(node.right)} has.`;
    case 'union':
      return `Add ${otherOf(node)}.`;
    case 'aggregate': {
      const aggregates = Object.entries(node.aggregates).map(
        ([name, aggregate]) => `${name}, ${aggregateInWords(aggregate)}`,
      );
      return `${eachOf(node.by, 'Over all rows')}, compute ${listed(aggregates, 'and')}.`;
    }
    case 'top':
      return `${eachOf(node.by, 'Of all rows')}, keep the first ${node.count === 1 ? 'row' : `${node.count} rows`} by ${orderInWords(node.order)}.`;
    case 'window': {
      const added = Object.entries(node.windows).map(([name, window]) => `${name}, ${windowInWords(window)}`);
      const order = node.order.length === 0 ? '' : ` by ${orderInWords(node.order)}`;
      return `${eachOf(node.by, 'Over all rows')}${order}, add ${listed(added, 'and')}.`;
    }
    case 'order':
      return `Sort by ${orderInWords(node.order)}.`;
    default:
      return unknownNode(node);
  }
}

function columnsInWords(columns: Readonly<Record<string, ExpressionNode>>): string {
  const words = Object.entries(columns).map(([name, expression]) => [name, expressionInWords(expression)]);
  const kept = words.flatMap(([name = '', as]) => (as === name ? [name] : []));
  const made = words.flatMap(([name, as]) => (as === name ? [] : [`${name}, which is ${as}`]));
  const parts = [
    ...(kept.length === 0 ? [] : [`keep ${listed(kept, 'and')}`]),
    ...(made.length === 0 ? [] : [`make ${listed(made, 'and')}`]),
  ];
  const sentence = listed(parts, 'and');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function otherOf({ right }: { readonly right: RelationNode }): string {
  return `the rows of ${sourceOf(right)}`;
}

function sourceOf(node: RelationNode): string {
  const [first] = inputsOf(node);
  return node.kind === 'source' ? node.name : first === undefined ? '' : sourceOf(first);
}

function eachOf(columns: readonly string[], none: string): string {
  return columns.length === 0 ? none : `For each ${listed(columns, 'and')}`;
}

function orderInWords(order: readonly SortKey[]): string {
  return order
    .map(({ column, descending }) => `${column}${descending ? ' from the largest' : ''}`)
    .join(', then ');
}
