import { checkColumnNames, checkTableName } from './column_names.ts';
import { and, column, type Expression, isNotNull, type RowOf, rowOf } from './expression.ts';
import type { Aggregate } from './expressions/aggregates.ts';
import type { RelationNode, SortKey } from './relation.ts';
import type {
  Aggregated,
  ArrayName,
  Exploded,
  Joinable,
  Joined,
  OrderedName,
  Schemalike,
  SchemaOf,
  SharedName,
  SortBy,
  Unlike,
} from './table_types.ts';
import {
  type ColumnType,
  columnType,
  elementTypes,
  isArrayType,
  orderedColumnType,
  PlanError,
  type Schema,
} from './types.ts';

/**
 * A column to sort by, the largest first.
 * @example
 * posts.orderBy(descending('likes'), 'ind');
 */
export const descending = <C extends string>(name: C): { column: C; descending: true } => ({
  column: name,
  descending: true,
});

/**
 * A relation under construction. Each method returns a new one and checks names and types at once: it throws a
 * PlanError, to which `query` and `dataset` add their name.
 */
export class Table<S extends Schemalike<S>> {
  /** An expression for each column, to build others from. */
  readonly columns: RowOf<S>;

  private constructor(
    readonly node: RelationNode,
    readonly schema: S & Schema,
  ) {
    checkColumnNames(schema);
    this.columns = rowOf(schema);
  }

  /**
   * The rows of a named table.
   * @example
   * const places = Table.source('places', { ind: 'bigint', city: 'text' });
   */
  static source<const S extends Schema>(name: string, schema: S): Table<S> {
    checkTableName(name);
    return new Table({ kind: 'source', schema, name }, schema);
  }

  /**
   * One expression for each column of the result.
   * @example
   * posts.select((row) => ({ ind: row.ind, post_year: year(row.made) }));
   */
  select<Columns extends Record<string, Expression>>(
    choose: (row: RowOf<S>) => Columns,
  ): Table<SchemaOf<Columns>> {
    const chosen = choose(this.columns);
    const schema = mapValues(chosen, (expression) => expression.type) as SchemaOf<Columns>;
    const columns = mapValues(chosen, (expression) => expression.node);
    return new Table({ kind: 'select', schema, input: this.node, columns }, schema);
  }

  /**
   * The rows for which the condition is true: neither false nor null.
   * @example
   * posts.where((row) => isOneOf(row.country, 'Peru', 'Chile'));
   */
  where(choose: (row: RowOf<S>) => Expression<'boolean'>): Table<S> {
    const condition = choose(this.columns);
    if (condition.type !== 'boolean') {
      throw new PlanError(`where takes a condition, not a ${condition.type}.`);
    }
    return this.with({ kind: 'where', schema: this.schema, input: this.node, condition: condition.node });
  }

  /**
   * The rows where none of these columns is null.
   * @example
   * posts.whereNotNull('country', 'category');
   */
  whereNotNull(first: keyof S & string, ...rest: readonly (keyof S & string)[]): Table<S> {
    const notNull = (name: string) => isNotNull(column(name, columnType(this.schema, name)));
    return this.where(() => and(notNull(first), ...rest.map(notNull)));
  }

  /**
   * One of all rows that are equal in every column, nulls being equal.
   * @example
   * posts.select((row) => ({ country: row.country })).distinct();
   */
  distinct(): Table<S> {
    return this.with({ kind: 'distinct', schema: this.schema, input: this.node });
  }

  /**
   * One row for each element of an array, which takes the array's place under a name of its own; none for an empty array and null.
   * @example
   * posts.select((row) => ({ ind: row.ind, words: split(row.category, '-') })).explode('words', 'word');
   */
  explode<C extends ArrayName<S>, const As extends string>(
    name: C,
    as: As & (As extends Exclude<keyof S, C> ? never : As),
  ): Table<Exploded<S, C, As>> {
    const type = columnType(this.schema, name);
    if (!isArrayType(type)) {
      throw new PlanError(`Cannot explode "${name}": ${type} is no array.`);
    }
    const others = Object.keys(this.schema).filter((column) => column !== name);
    if (others.some((column) => column === as)) {
      throw new PlanError(`There is a column "${as}" already; the elements of "${name}" need another name.`);
    }
    const columns = Object.entries<ColumnType>(this.schema).map(([column, of]) =>
      column === name ? [as, elementTypes[type]] : [column, of],
    );
    const schema = Object.fromEntries(columns) as Exploded<S, C, As>;
    return new Table({ kind: 'explode', schema, input: this.node, column: name, as }, schema);
  }

  /**
   * Every pair of rows that are equal in the named columns, which both sides have; a null equals nothing. Other columns
   * must differ in name.
   * @example
   * posts.join(places, 'ind').whereNotNull('city');
   */
  join<R extends Schemalike<R>, On extends SharedName<S, R>>(
    right: Table<R> & Joinable<S, R, On>,
    ...on: readonly [On, ...On[]]
  ): Table<Joined<S, R>> {
    for (const name of on) {
      const types = [columnType(this.schema, name), columnType(right.schema, name)];
      if (types[0] !== types[1] || types.some(isArrayType)) {
        throw new PlanError(
          `A join on "${name}" needs one type that has an order on both sides, not ${types.join(' and ')}.`,
        );
      }
    }
    const shared = Object.keys(right.schema).filter(
      (name) => name in this.schema && !on.some((key) => key === name),
    );
    if (shared.length > 0) {
      throw new PlanError(
        `Both sides of the join have ${shared.join(', ')}; rename or leave out one of each.`,
      );
    }
    const schema = { ...this.schema, ...right.schema } as Joined<S, R>;
    return new Table({ kind: 'join', schema, left: this.node, right: right.node, on }, schema);
  }

  /**
   * Groups of rows that are equal in the named columns, nulls being equal.
   * @example
   * posts.groupBy('country', 'category').aggregate((row) => ({ posts: count(), likes: sum(row.likes) }));
   */
  groupBy<By extends OrderedName<S>>(first: By, ...rest: readonly By[]) {
    const by = [first, ...rest];
    const grouped = Object.fromEntries(
      by.map((name) => [name, orderedColumnType(this.schema, name, 'group by')]),
    );
    return {
      /** One row for each group: its columns, then the aggregates. */
      aggregate: <A extends Record<string, Aggregate>>(
        choose: (row: RowOf<S>) => A & Unlike<By>,
      ): Table<Aggregated<S, By, A>> => {
        const wanted = choose(this.columns);
        const taken = by.find((name) => name in wanted);
        if (taken !== undefined) {
          throw new PlanError(`"${taken}" is grouped by already; the aggregate needs another name.`);
        }
        const schema = { ...grouped, ...mapValues(wanted, ({ type }) => type) } as Aggregated<S, By, A>;
        const nodes = mapValues(wanted, ({ node }) => node);
        return new Table({ kind: 'aggregate', schema, input: this.node, by, aggregates: nodes }, schema);
      },
    };
  }

  /**
   * The first row of each group (of all rows, when `by` is empty) in the order given.
   * The order and the grouping columns must name every column, so that no two different rows tie.
   * @example
   * const counted = posts.groupBy('country', 'category').aggregate(() => ({ posts: count() }));
   * counted.topOfEach(['country'], descending('posts'), 'category');
   */
  topOfEach(by: readonly OrderedName<S>[], ...order: readonly SortBy<S>[]): Table<S> {
    const keys = this.sortKeys(order);
    const named = new Set<string>([...by, ...keys.map((key) => key.column)]);
    for (const name of by) {
      orderedColumnType(this.schema, name, 'group by');
    }
    const missing = Object.keys(this.schema).filter((name) => !named.has(name));
    if (missing.length > 0) {
      throw new PlanError(
        `The top of each group is left to chance where only ${missing.join(', ')} differ; order by these too.`,
      );
    }
    return this.with({ kind: 'top', schema: this.schema, input: this.node, by, order: keys });
  }

  /**
   * All rows, sorted: nulls first ascending, last descending.
   * @example
   * posts.orderBy('country', descending('likes'));
   */
  orderBy(...order: readonly SortBy<S>[]): Table<S> {
    return this.with({ kind: 'order', schema: this.schema, input: this.node, order: this.sortKeys(order) });
  }

  private with(node: RelationNode): Table<S> {
    return new Table(node, this.schema);
  }

  private sortKeys(order: readonly SortBy<S>[]): readonly SortKey[] {
    if (order.length === 0) {
      throw new PlanError('An order needs at least one column.');
    }
    return order.map((key) => {
      const sortKey: SortKey = typeof key === 'object' ? key : { column: key, descending: false };
      orderedColumnType(this.schema, sortKey.column, 'sort by');
      return sortKey;
    });
  }
}

function mapValues<V, W>(
  record: Readonly<Record<string, V>>,
  change: (value: V, name: string) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
