/**
 * Decides which relations of a plan Spark keeps as states: aggregates whose groups only ever gain rows, and whose new rows are
 * found from the new rows of silver and the rows of the same keys.
 *
 * Everything that is not known here is computed from all rows, so a new relation or aggregate is right before it is fast.
 */
import type { Dataset } from '../../../plan/dataset.ts';
import type { ExpressionNode } from '../../../plan/expression.ts';
import { inputsOf, type RelationNode } from '../../../plan/relation.ts';
import type { ColumnType } from '../../../plan/types.ts';
import { cellForms } from './cells.ts';
import { weighted } from './weighted.ts';

type AggregateRelation = Extract<RelationNode, { kind: 'aggregate' }>;
export type TopRelation = Extract<RelationNode, { kind: 'top' }>;

/** A relation that is kept: an aggregate, and the `top` above it where only the first rows of its input matter. */
export interface KeptRelation {
  readonly aggregate: AggregateRelation;
  readonly top?: TopRelation;
}

/** The way in which the answer of a plan is computed. */
export type Kept = { readonly kept: true } | { readonly kept: false; readonly why: string };

/** Gives the key column of each dataset. */
export function keyOf(datasets: readonly Pick<Dataset, 'name' | 'keyColumn'>[]): KeyOf {
  const keys = new Map(datasets.map(({ name, keyColumn }) => [name, keyColumn]));
  return (source) => keys.get(source);
}

/** The key column of a source; undefined for one that is no dataset. */
export type KeyOf = (source: string) => string | undefined;

/**
 * Tells if Spark answers a plan from states, at the cost of what is new, and if not, why not.
 * @param keyOf the key column of a source
 */
export function keptByDeltas(plan: RelationNode, keyOf: KeyOf): Kept {
  const found = keptRelations(plan, keyOf);
  return typeof found === 'string' ? { kept: false, why: found } : { kept: true };
}

/** The relations of a plan that are kept, which hold everything that the rest of it reads; or the reason why there are none. */
export function keptRelations(
  plan: RelationNode,
  keyOf: KeyOf,
): ReadonlyMap<RelationNode, KeptRelation> | string {
  const found = new Map<RelationNode, KeptRelation>();
  const why = collect(plan, keyOf, found);
  return why ?? found;
}

/** @returns the reason why a relation cannot be made of states */
function collect(
  node: RelationNode,
  keyOf: KeyOf,
  found: Map<RelationNode, KeptRelation>,
): string | undefined {
  if (node.kind === 'aggregate') {
    const why = whyNotAggregate(node, keyOf);
    if (why === undefined) {
      found.set(node, { aggregate: node });
      return undefined;
    }
    // It may be a step over other aggregates, which are small.
    return collect(node.input, keyOf, found) && why;
  }
  if (node.kind === 'top' && node.input.kind === 'aggregate' && !found.has(node.input)) {
    const { input } = node;
    const why = collect(input, keyOf, found);
    if (found.has(input) && isOfLargest(node, input)) {
      found.set(input, { aggregate: input, top: node });
    }
    return why;
  }
  const inputs = inputsOf(node);
  if (inputs.length === 0) {
    return 'the rows themselves are the answer, or a part of it is made of them without an aggregate';
  }
  return firstReason(inputs, (input) => collect(input, keyOf, found));
}

/** Tells if the first group of each partition is that of the largest value, so that no other value can ever matter. */
function isOfLargest(
  { by, order, count }: TopRelation,
  { by: groups, aggregates }: AggregateRelation,
): boolean {
  const [first] = order;
  const [only, ...others] = Object.entries(aggregates);
  return (
    count === 1 &&
    others.length === 0 &&
    only?.[1].function === 'max' &&
    first?.column === only[0] &&
    first.descending &&
    by.every((column) => groups.includes(column))
  );
}

function whyNotAggregate({ by, aggregates, input }: AggregateRelation, keyOf: KeyOf): string | undefined {
  if (by.length === 0) {
    return 'an aggregate has no groups';
  }
  for (const [name, node] of Object.entries(aggregates)) {
    if (!(node.function in weighted) || !hasOnly(node, ['function', 'arguments'])) {
      return `no state is known for the aggregate "${name}" (${node.function})`;
    }
  }
  const columns = [...by, ...Object.values(aggregates).flatMap((node) => node.arguments)];
  const odd = columns.find((column) => !isCell(input.schema[column]));
  if (odd !== undefined) {
    return `the column "${odd}" of type ${input.schema[odd]} has no form in a state`;
  }
  return whyNotAdded(input, keyOf);
}

function isCell(type: ColumnType | undefined): boolean {
  return type !== undefined && type in cellForms;
}

/** The reason why the rows that a relation gains cannot be found from the new rows of its sources alone. */
function whyNotAdded(node: RelationNode, keyOf: KeyOf): string | undefined {
  switch (node.kind) {
    case 'source':
      return undefined;
    case 'select':
      return (
        firstReason(Object.values(node.columns), whyNotRowByRow) ??
        unlessOnly(node, ['input', 'columns']) ??
        whyNotAdded(node.input, keyOf)
      );
    case 'where':
      return (
        whyNotRowByRow(node.condition) ??
        unlessOnly(node, ['input', 'condition']) ??
        whyNotAdded(node.input, keyOf)
      );
    case 'join': {
      const why =
        unlessOnly(node, ['left', 'right', 'on']) ??
        firstReason([node.left, node.right], (input) => whyNotAdded(input, keyOf));
      const byKey = node.on.some(
        (column) => isKey(node.left, column, keyOf) && isKey(node.right, column, keyOf),
      );
      return (
        why ??
        (byKey
          ? undefined
          : `rows are joined by ${node.on.join(', ')}, not by the key of their datasets, so that new rows can meet any other`)
      );
    }
    default:
      return `a relation "${node.kind}" lies below an aggregate`;
  }
}

/** Tells if a column of a relation holds the key of the sources that it comes from, unchanged. */
function isKey(node: RelationNode, column: string, keyOf: KeyOf): boolean {
  switch (node.kind) {
    case 'source':
      return keyOf(node.name) === column;
    case 'select': {
      const expression = node.columns[column];
      return expression?.kind === 'column' && isKey(node.input, expression.name, keyOf);
    }
    case 'where':
      return isKey(node.input, column, keyOf);
    case 'join':
      return node.on.includes(column) && isKey(node.left, column, keyOf) && isKey(node.right, column, keyOf);
    default:
      return false;
  }
}

function whyNotRowByRow(node: ExpressionNode): string | undefined {
  switch (node.kind) {
    case 'column':
    case 'literal':
      return undefined;
    case 'call':
      return hasOnly(node, ['kind', 'function', 'arguments'])
        ? firstReason(node.arguments, whyNotRowByRow)
        : `the expression ${node.function} has an unknown form`;
    default:
      return 'an expression is of an unknown kind';
  }
}

function unlessOnly(node: RelationNode, names: readonly string[]): string | undefined {
  return hasOnly(node, ['kind', 'schema', ...names])
    ? undefined
    : `a relation "${node.kind}" has an unknown form`;
}

function hasOnly(node: object, names: readonly string[]): boolean {
  return Object.keys(node).every((name) => names.includes(name));
}

function firstReason<T>(items: readonly T[], why: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const reason = why(item);
    if (reason !== undefined) {
      return reason;
    }
  }
  return undefined;
}
