import type { ExpressionNode } from './expression.ts';

/**
 * The expressions that stand in an expression for the columns of a template; undefined when it is not the template.
 * @example
 * const template = concat(column('a', 'text'), ' ', column('b', 'text')).node;
 * matchTemplate(template, concat(posts.columns.country, ' ', lower(posts.columns.city)).node)?.get('a'); // the country
 */
export function matchTemplate(
  template: ExpressionNode,
  node: ExpressionNode,
): ReadonlyMap<string, ExpressionNode> | undefined {
  const found = new Map<string, ExpressionNode>();
  return matches(template, node, found) ? found : undefined;
}

function matches(
  template: ExpressionNode,
  node: ExpressionNode,
  found: Map<string, ExpressionNode>,
): boolean {
  switch (template.kind) {
    case 'column': {
      const before = found.get(template.name);
      found.set(template.name, node);
      return before === undefined || isSame(before, node);
    }
    case 'literal':
      return isSame(template, node);
    case 'call':
      return (
        node.kind === 'call' &&
        node.function === template.function &&
        node.arguments.length === template.arguments.length &&
        template.arguments.every((argument, at) => {
          const other = node.arguments[at];
          return other !== undefined && matches(argument, other, found);
        })
      );
  }
}

function isSame(a: ExpressionNode, b: ExpressionNode): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
