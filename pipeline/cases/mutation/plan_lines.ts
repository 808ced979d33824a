/**
 * A plan as lines that look like the builder's: `where atLeast(post_year, 2018)`. Relations are printed by what they hold, so
 * that a new kind needs nothing here.
 */
import type { ExpressionNode } from '../../plan/expression.ts';
import { inputsOf, type RelationNode } from '../../plan/relation.ts';
import { conjuncts } from '../../plan/walk.ts';
import { differenceLines } from '../run_cases.ts';
import { cellText } from '../values.ts';

/** The lines of a plan, from its sources on. */
function planLines(node: RelationNode): readonly string[] {
  return [...inputsOf(node).flatMap(planLines), ...ownLines(node)];
}

/** Names the rewriting of a fault: the lines of the plan and of the faulty one, as `was → is`. */
export function faultText(plan: RelationNode, faulty: RelationNode): string {
  const lines = differenceLines(planLines(plan), planLines(faulty));
  const of = (sign: string) => lines.filter((line) => line.sign === sign).map(({ line }) => line);
  return `${of('-').join('; ')} → ${of('+').join('; ') || 'dropped'}`;
}

function ownLines(node: RelationNode): readonly string[] {
  switch (node.kind) {
    case 'source':
      return [node.name];
    case 'select':
      if (Object.entries(node.columns).every(([name, value]) => isItself(name, value) || isNull(value))) {
        return [
          `select null for ${Object.keys(node.columns)
            .filter((name) => isNull(node.columns[name]))
            .join(', ')}`,
        ];
      }
      return Object.entries(node.columns).flatMap(([name, value]) =>
        partsOf(value).map((part) => `select ${name}: ${part}`),
      );
    case 'where':
      return conjuncts(node.condition).map((condition) => `where ${expressionText(condition)}`);
    default: {
      const inputs: ReadonlySet<unknown> = new Set(inputsOf(node));
      const held = Object.entries(node).filter(
        ([name, value]) => !['kind', 'schema'].includes(name) && !inputs.has(value),
      );
      return [
        [
          node.kind,
          ...held.map(([name, value]) => (name === node.kind ? '' : `${name} `) + heldText(value)),
        ].join(' '),
      ];
    }
  }
}

/** An expression, or the branches of a choice. */
function partsOf(node: ExpressionNode): readonly string[] {
  if (node.kind !== 'call' || node.function !== 'case_when') {
    return [expressionText(node)];
  }
  const operands = node.arguments.map(expressionText);
  return operands.flatMap((operand, at) => {
    const value = operands[at + 1];
    return at % 2 === 1 ? [] : [value === undefined ? `else ${operand}` : `when ${operand} then ${value}`];
  });
}

function isItself(name: string, value: ExpressionNode): boolean {
  return value.kind === 'column' && value.name === name;
}

function isNull(value: ExpressionNode | undefined): boolean {
  return value?.kind === 'literal' && value.value === null;
}

/** Contents of a relation besides its inputs: columns, sort keys, aggregates, numbers. */
function heldText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(heldText).join(', ')}]`;
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const {
    column,
    descending,
    function: name,
    arguments: operands,
    ...more
  } = value as Readonly<Record<string, unknown>>;
  if (typeof column === 'string') {
    return descending === true ? `descending(${column})` : column;
  }
  if (typeof name === 'string' && Array.isArray(operands)) {
    const others = Object.values(more).map(heldText);
    return `${camelCase(name)}(${[...operands.map(heldText), ...others].join(', ')})`;
  }
  return Object.entries(value)
    .map(([key, held]) => `${key}: ${heldText(held)}`)
    .join(', ');
}

function expressionText(node: ExpressionNode): string {
  switch (node.kind) {
    case 'column':
      return node.name;
    case 'literal':
      return typeof node.value === 'string' ? JSON.stringify(node.value) : cellText(node.type, node.value);
    case 'call':
      return `${camelCase(node.function)}(${node.arguments.map(expressionText).join(', ')})`;
  }
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
