import type { ExpressionNode } from './expression.ts';
import { type RelationNode, type SortKey, unknownNode } from './relation.ts';

/** Prints a plan for people: one relation a line, from the sources to the answer, inputs indented. */
export function printPlan(node: RelationNode, indent = ''): string {
  const input = 'input' in node ? printPlan(node.input, indent) : '';
  const line = (text: string) => `${input}${indent}${text}\n`;
  switch (node.kind) {
    case 'source':
      return line(`source ${node.name}`);
    case 'select':
      return line(
        `select ${Object.entries(node.columns)
          .map(([name, expression]) =>
            isColumn(expression, name) ? name : `${name} = ${printExpression(expression)}`,
          )
          .join(', ')}`,
      );
    case 'where':
      return line(`where ${printExpression(node.condition)}`);
    case 'distinct':
      return line('distinct');
    case 'join':
      return `${printPlan(node.left, indent)}${indent}join on ${node.on.join(', ')}\n${printPlan(node.right, `${indent}  `)}`;
    case 'aggregate':
      return line(
        `group by ${node.by.join(', ')}: ${Object.entries(node.aggregates)
          .map(([name, aggregate]) => `${name} = ${aggregate.function}(${aggregate.arguments.join(', ')})`)
          .join(', ')}`,
      );
    case 'top':
      return line(
        `top${node.by.length > 0 ? ` of each ${node.by.join(', ')}` : ''} by ${printOrder(node.order)}`,
      );
    case 'order':
      return line(`order by ${printOrder(node.order)}`);
    default:
      return unknownNode(node);
  }
}

export function printExpression(node: ExpressionNode): string {
  switch (node.kind) {
    case 'column':
      return node.name;
    case 'literal':
      return JSON.stringify(node.value);
    case 'call':
      return `${node.function}(${node.arguments.map(printExpression).join(', ')})`;
    default:
      return unknownNode(node);
  }
}

function isColumn(node: ExpressionNode, name: string): boolean {
  return node.kind === 'column' && node.name === name;
}

function printOrder(order: readonly SortKey[]): string {
  return order.map((key) => (key.descending ? `${key.column} descending` : key.column)).join(', ');
}
