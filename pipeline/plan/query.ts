import { checkTableName } from './column_names.ts';
import { inPlanOf } from './dataset.ts';
import { inputsOf, type RelationNode } from './relation.ts';
import type { Table } from './table.ts';
import { type ColumnType, checkStorable, PlanError, type Schema } from './types.ts';

/** The drawing of an answer. */
export interface Chart {
  /**
   * `bars`: one for each row; `lines`: a point for each row, a line for each value of `series`; `map`: a map of the world
   * beside bars, for categories that are countries.
   */
  readonly kind: 'bars' | 'lines' | 'map';
  /** The column along the axis of categories. */
  readonly category: string;
  /** The number that is drawn. */
  readonly value: string;
  /** The column that tells rows of one category apart, or that is written at each bar. */
  readonly series?: string;
}

/** A question as a plan over the cleaned datasets, and the drawing of its answer. */
export interface Query {
  /** Its name everywhere: gold table, view, JSON key, dashboard. */
  readonly name: string;
  /** The question in words. */
  readonly title: string;
  readonly plan: RelationNode;
  readonly schema: Schema;
  readonly chart: Chart;
}

/**
 * Defines a query.
 * @throws PlanError naming the query, when its plan has a mistake
 * @example
 * const postsByCountry = query({
 *   name: 'posts_by_country',
 *   title: 'How many posts come from each country?',
 *   plan: () => posts.groupBy('country').aggregate(() => ({ posts: count() })).orderBy('country'),
 *   chart: { kind: 'bars', category: 'country', value: 'posts' },
 * });
 */
export function query<S extends { readonly [C in keyof S]: ColumnType }>(definition: {
  readonly name: string;
  readonly title: string;
  readonly plan: () => Table<S>;
  readonly chart: {
    readonly kind: Chart['kind'];
    readonly category: keyof S & string;
    readonly value: keyof S & string;
    readonly series?: keyof S & string;
  };
}): Query {
  const { name, title, chart } = definition;
  const { node, schema } = inPlanOf(`query ${name}`, () => {
    checkTableName(name);
    const table = definition.plan();
    checkStorable(table.schema);
    checkSortedLast(table.node);
    return table;
  });
  return { name, title, plan: node, schema, chart };
}

/**
 * Checks the names of all datasets and queries together, since tables and views are named after them.
 * @throws PlanError when two have the same name
 * @example
 * checkDifferentNames([{ name: 'pin' }], [{ name: 'posts_by_country' }]);
 */
export function checkDifferentNames(
  datasets: readonly { readonly name: string }[],
  queries: readonly { readonly name: string }[],
): void {
  const names = [...datasets, ...queries].map(({ name }) => name);
  const duplicate = names.find((name, at) => names.indexOf(name) < at);
  if (duplicate !== undefined) {
    throw new PlanError(
      `Two datasets or queries are called ${duplicate}: their tables and views would be one. Rename one.`,
    );
  }
}

/** Refuses an order that is not the last step: Spark loses it in any step after it. */
function checkSortedLast(answer: RelationNode): void {
  for (const input of inputsOf(answer)) {
    if (input.kind === 'order') {
      throw new PlanError(
        `The rows are sorted and then go through "${answer.kind}", which forgets the order; sort last.`,
      );
    }
    checkSortedLast(input);
  }
}
