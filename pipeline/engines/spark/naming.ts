/** Names of common table expressions, which say what the rows of a relation are. */
import type { ExpressionNode } from '../../plan/expression.ts';
import type { RelationNode } from '../../plan/relation.ts';
import { conjuncts } from '../../plan/walk.ts';

type NodeOf<K extends RelationNode['kind']> = RelationNode & { readonly kind: K };

const maximumLength = 64;

/** Gives names that differ from each other and from those taken in more than case. */
export class Names {
  private readonly taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.taken = new Set([...taken].map((name) => name.toLowerCase()));
  }

  /** A name of plain characters, followed by a number where it is taken. */
  unused(proposed: string): string {
    const plain = proposed
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .slice(0, maximumLength);
    let name = plain;
    for (let number = 2; this.taken.has(name); number += 1) {
      name = `${plain}_${number}`;
    }
    this.taken.add(name);
    return name;
  }
}

/** A column name that a schema does not have, in any case. */
export function unusedColumn(proposed: string, schema: object): string {
  return new Names(Object.keys(schema)).unused(proposed);
}

export const joined = (left: string, right: string) => `${left}_with_${right}`;
export const semiJoined = (left: string, right: string) => `${left}_also_in_${right}`;
export const antiJoined = (left: string, right: string) => `${left}_not_in_${right}`;
export const united = (sides: readonly string[]) => sides.join('_and_');
export const distinct = (input: string) => prefixed('distinct', input);
export const exploded = ({ as }: NodeOf<'explode'>, input: string) => prefixed(`each_${as}_of`, input);
export const ordered = (input: string) => prefixed('sorted', input);

/** `post_year_and_category_of_pin_with_geo`: the columns, and where they come from. */
export function selected(node: NodeOf<'select'>, input: string): string {
  const named = `${Object.keys(node.columns).join('_and_')}_of_${input}`;
  return named.length <= maximumLength ? named : prefixed('columns_of', input);
}

/** `pin_with_known_category` where the condition is only that columns are not null. */
export function chosen(node: NodeOf<'where'>, input: string): string {
  const notNull = conjuncts(node.condition).map(notNullColumn);
  const named = `${input}_with_known_${notNull.join('_and_')}`;
  return notNull.includes(undefined) || named.length > maximumLength ? prefixed('chosen', input) : named;
}

/** `counted_by_country_and_category`, or the names of the aggregates. */
export function aggregated(node: NodeOf<'aggregate'>): string {
  const aggregates = Object.entries(node.aggregates);
  const counts = aggregates.every(([, { function: name }]) => name === 'count');
  const verb = counts ? 'counted' : aggregates.map(([name]) => name).join('_and_');
  return `${verb}_by_${node.by.join('_and_')}`;
}

/** `posts_with_place_and_share`: the columns that a window adds. */
export function windowed(node: NodeOf<'window'>, input: string): string {
  const named = `${input}_with_${Object.keys(node.windows).join('_and_')}`;
  return named.length <= maximumLength ? named : prefixed('windows_of', input);
}

function notNullColumn(condition: ExpressionNode): string | undefined {
  const operand =
    condition.kind === 'call' && condition.function === 'is_not_null' ? condition.arguments[0] : undefined;
  return operand?.kind === 'column' ? operand.name : undefined;
}

function prefixed(prefix: string, input: string): string {
  return input.startsWith(`${prefix}_`) ? input : `${prefix}_${input}`;
}
