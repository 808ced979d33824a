/** Takes the steps off a relation that look at one row alone, so that relations over the same join share its rows. */
import type { ExpressionNode } from '../../../plan/expression.ts';
import { mapValues } from '../../../plan/map_values.ts';
import type { RelationNode } from '../../../plan/relation.ts';

type Columns = Readonly<Record<string, ExpressionNode>>;

/** The rows below the steps, which of them the relation has, and its columns as expressions over them. */
export interface BelowSteps {
  readonly input: RelationNode;
  readonly conditions: readonly ExpressionNode[];
  readonly columns: Columns;
}

/** Goes below each `select` and `where` at the top of a relation, for some of its columns. */
export function belowSteps(relation: RelationNode, names: readonly string[]): BelowSteps {
  let input = relation;
  let conditions: readonly ExpressionNode[] = [];
  let columns: Columns = Object.fromEntries(names.map((name) => [name, { kind: 'column', name }]));
  while (input.kind === 'select' || input.kind === 'where') {
    if (input.kind === 'where') {
      conditions = [input.condition, ...conditions];
    } else {
      const selected = input.columns;
      conditions = conditions.map((condition) => substituted(condition, selected));
      columns = mapValues(columns, (node) => substituted(node, selected));
    }
    input = input.input;
  }
  return { input, conditions, columns };
}

/** An expression with others in place of its columns. */
function substituted(node: ExpressionNode, columns: Columns): ExpressionNode {
  switch (node.kind) {
    case 'column':
      return columns[node.name] ?? node;
    case 'call':
      return { ...node, arguments: node.arguments.map((argument) => substituted(argument, columns)) };
    default:
      return node;
  }
}
