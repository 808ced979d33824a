import type { RelationNode } from './relation.ts';
import { unknownNode } from './relation.ts';
import { columnsOf, columnsReadBy, expressionOf } from './walk.ts';

/** The columns that a relation reads of each of its inputs in order to give some of its own columns. */
export function neededOf(node: RelationNode, columns: readonly string[]): readonly (readonly string[])[] {
  switch (node.kind) {
    case 'source':
      return [];
    case 'select':
      return [columnsIn(node.input, ...columns.map((name) => columnsOf(expressionOf(node.columns, name))))];
    case 'where':
      return [columnsIn(node.input, columns, columnsOf(node.condition))];
    case 'explode':
      return [columnsIn(node.input, columns, [node.column])];
    case 'distinct':
      return [Object.keys(node.schema)];
    case 'join':
    case 'left_join':
      return [node.left, node.right].map((side) => columnsIn(side, columns, node.on));
    case 'semi_join':
    case 'anti_join':
      return [columnsIn(node.left, columns, node.on), node.on];
    case 'union': {
      const both = columnsIn(node, columns);
      return [both, both];
    }
    case 'aggregate': {
      const called = Object.values(node.aggregates).map((aggregate) => aggregate.arguments);
      return [columnsIn(node.input, node.by, ...called)];
    }
    case 'top':
    case 'order': {
      const order = node.order.map(({ column }) => column);
      return [columnsIn(node.input, columns, order, node.kind === 'top' ? node.by : [])];
    }
    case 'window': {
      const wanted = Object.entries(node.windows).filter(([name]) => columns.includes(name));
      return [columnsIn(node.input, columns, ...wanted.map(([, window]) => columnsReadBy(window, node)))];
    }
    default:
      return unknownNode(node);
  }
}

/** The columns of a relation that are among the names, in its own order; at least one, to count rows by. */
function columnsIn(relation: RelationNode, ...names: readonly Iterable<string>[]): readonly string[] {
  const wanted = new Set(names.flatMap((some) => [...some]));
  const all = Object.keys(relation.schema);
  const columns = all.filter((name) => wanted.has(name));
  return columns.length > 0 ? columns : all.slice(0, 1);
}
