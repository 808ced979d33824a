import { type AggregateFunction, type AggregateName, aggregates } from '../../plan/aggregates.ts';
import type { ExpressionNode } from '../../plan/expression.ts';
import { type FunctionName, functions, type ScalarFunction } from '../../plan/functions.ts';
import { type AggregateNode, unknownNode } from '../../plan/relation.ts';
import { identifier, literalOf } from './quoting.ts';

/** The forms that functions and aggregates have in SQL; tests hand in a broken one to see that it is noticed. */
export interface SparkForms {
  readonly functions: Readonly<Record<FunctionName, Pick<ScalarFunction, 'spark'>>>;
  readonly aggregates: Readonly<Record<AggregateName, Pick<AggregateFunction, 'spark'>>>;
}

/** The forms of the tables of functions and aggregates. */
export const sparkForms: SparkForms = { functions, aggregates };

/** Prints an expression of a plan; columns are named alone, since no relation holds two of one name. */
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
  return forms.aggregates[node.function].spark(...node.arguments.map(identifier));
}
