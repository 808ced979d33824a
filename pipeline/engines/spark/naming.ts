/** Names of common table expressions: what the rows of a relation are, in words. */
import type { ExpressionNode } from '../../plan/expression.ts';
import type { RelationNode } from '../../plan/relation.ts';
import { conjuncts } from '../../plan/walk.ts';

type NodeOf<K extends RelationNode['kind']> = RelationNode & { readonly kind: K };

const longest = 64;

/** Hands out names that differ from each other and from those taken, in more than case. */
export class Names {
  private readonly taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.taken = new Set([...taken].map((name) => name.toLowerCase()));
  }

  /** The name wanted, cut to plain characters, with a number behind it where it is taken. */
  unused(wanted: string): string {
    const plain = wanted
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .slice(0, longest);
    let name = plain;
    for (let number = 2; this.taken.has(name); number += 1) {
      name = `${plain}_${number}`;
    }
    this.taken.add(name);
    return name;
  }
}

/** A column name that a schema does not have, whatever the case. */
export function unusedColumn(wanted: string, schema: object): string {
  return new Names(Object.keys(schema)).unused(wanted);
}

export const joined = (left: string, right: string) => `${left}_with_${right}`;
export const distinct = (input: string) => prefixed('distinct', input);
export const ordered = (input: string) => prefixed('sorted', input);

/** `post_year_and_category_of_pin_with_geo`: the columns, and where they come from. */
export function selected(node: NodeOf<'select'>, input: string): string {
  const named = `${Object.keys(node.columns).join('_and_')}_of_${input}`;
  return named.length <= longest ? named : prefixed('columns_of', input);
}

/** `pin_with_known_category` where the condition is only that columns are known. */
export function chosen(node: NodeOf<'where'>, input: string): string {
  const known = conjuncts(node.condition).map(knownColumn);
  const named = `${input}_with_known_${known.join('_and_')}`;
  return known.includes(undefined) || named.length > longest ? prefixed('chosen', input) : named;
}

/** `counted_by_country_and_category`, or the aggregates by name. */
export function aggregated(node: NodeOf<'aggregate'>): string {
  const aggregates = Object.entries(node.aggregates);
  const counts = aggregates.every(([, { function: name }]) => name === 'count');
  const what = counts ? 'counted' : aggregates.map(([name]) => name).join('_and_');
  return `${what}_by_${node.by.join('_and_')}`;
}

function knownColumn(condition: ExpressionNode): string | undefined {
  const operand =
    condition.kind === 'call' && condition.function === 'is_not_null' ? condition.arguments[0] : undefined;
  return operand?.kind === 'column' ? operand.name : undefined;
}

function prefixed(prefix: string, input: string): string {
  return input.startsWith(`${prefix}_`) ? input : `${prefix}_${input}`;
}
