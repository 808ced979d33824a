import { type AggregateFunction, type AggregateName, aggregates } from '../../plan/aggregates.ts';
import type { ExpressionNode } from '../../plan/expression.ts';
import { type FunctionName, functions, type ScalarFunction } from '../../plan/functions.ts';
import { type AggregateNode, unknownNode } from '../../plan/relation.ts';
import { type WindowFunction, type WindowName, windows } from '../../plan/windows.ts';
import { identifier, literalOf } from './quoting.ts';

/** The SQL forms of functions, aggregates and window functions. Tests pass a broken one to see that it is detected. */
export interface SparkForms {
  readonly functions: Readonly<Record<FunctionName, Pick<ScalarFunction, 'spark'>>>;
  readonly aggregates: Readonly<Record<AggregateName, Pick<AggregateFunction, 'spark'>>>;
  readonly windows: Readonly<Record<WindowName, Pick<WindowFunction, 'spark'>>>;
}

/** The SQL forms in the tables of functions, aggregates and window functions. */
export const sparkForms: SparkForms = { functions, aggregates, windows };

/** Prints an expression of a plan. Columns need no qualifier, since no relation has two of one name. */
export function expressionSql(node: ExpressionNode, forms: SparkForms = sparkForms): string {
  switch (node.kind) {
    case 'column':
      return identifier(node.name);
    case 'literal':
      return literalOf(node.type, node.value);
    case 'call':
      return forms.functions[node.function].spark(
        ...node.arguments.map((argument) => expressionSql(argument, forms)),
      );
    default:
      return unknownNode(node);
  }
}

/** Prints an aggregate. */
export function aggregateSql(node: AggregateNode, forms: SparkForms = sparkForms): string {
  const fraction = node.fraction === undefined ? [] : [literalOf('double', node.fraction)];
  return forms.aggregates[node.function].spark(...node.arguments.map(identifier), ...fraction);
}
