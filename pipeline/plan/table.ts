import { checkColumnNames, checkTableName } from './column_names.ts';
import { exploded } from './exploded.ts';
import { and, column, type Expression, isNotNull, type RowOf, rowOf } from './expression.ts';
import type { Aggregate } from './expressions/aggregates.ts';
import type { WindowColumn } from './expressions/windows.ts';
import { checkJoin, checkSameColumns, checkUnshared } from './joins.ts';
import { mapValues } from './map_values.ts';
import type { RelationNode, SortKey } from './relation.ts';
import { checkCount, checkWindows, otherKeys, sortKeys } from './sort_keys.ts';
import type {
  Aggregated,
  ArrayName,
  Comparable,
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
import { columnType, orderedColumnType, PlanError, type Schema } from './types.ts';

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
    const schema = exploded(this.schema, name, as) as Exploded<S, C, As>;
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
    return this.paired('join', right, on);
  }

  /**
   * As `join`, and each row of this table that is in no pair, with nulls for the columns of the other.
   * @example
   * posts.leftJoin(places, 'ind').select((row) => ({ city: coalesce(row.city, literal('text', 'nowhere')) }));
   */
  leftJoin<R extends Schemalike<R>, On extends SharedName<S, R>>(
    right: Table<R> & Joinable<S, R, On>,
    ...on: readonly [On, ...On[]]
  ): Table<Joined<S, R>> {
    return this.paired('left_join', right, on);
  }

  /**
   * The rows that are equal to a row of the other table in the named columns, once each; a null equals nothing.
   * @example
   * posts.semiJoin(places, 'ind');
   */
  semiJoin<R extends Schemalike<R>, On extends SharedName<S, R>>(
    right: Table<R> & Comparable<S, R, On>,
    ...on: readonly [On, ...On[]]
  ): Table<S> {
    checkJoin(this.schema, right.schema, on);
    return this.with({ kind: 'semi_join', schema: this.schema, left: this.node, right: right.node, on });
  }

  /**
   * The rows that are equal to no row of the other table in the named columns; a null equals nothing.
   * @example
   * posts.antiJoin(places, 'ind');
   */
  antiJoin<R extends Schemalike<R>, On extends SharedName<S, R>>(
    right: Table<R> & Comparable<S, R, On>,
    ...on: readonly [On, ...On[]]
  ): Table<S> {
    checkJoin(this.schema, right.schema, on);
    return this.with({ kind: 'anti_join', schema: this.schema, left: this.node, right: right.node, on });
  }

  /**
   * All rows of both tables, which have columns of the same names and types. `distinct` keeps one of equal ones.
   * @example
   * const names = posts.select((row) => ({ name: row.first_name }));
   * names.union(posts.select((row) => ({ name: row.last_name }))).distinct();
   */
  union(other: Table<S>): Table<S> {
    checkSameColumns(this.schema, other.schema);
    return this.with({ kind: 'union', schema: this.schema, left: this.node, right: other.node });
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
        const taken = by.find((name) => Object.hasOwn(wanted, name));
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
   * The first row of each group (of all rows, when `by` is empty) in the order given, or the first ones where a number
   * follows the grouping columns. All other columns follow the order, so that no two different rows tie.
   * @example
   * const counted = posts.groupBy('country', 'category').aggregate(() => ({ posts: count() }));
   * counted.topOfEach(['country'], descending('posts'), 'category');
   * counted.topOfEach(['country'], 3, descending('posts'), 'category');
   */
  topOfEach(
    by: readonly OrderedName<S>[],
    ...order: readonly SortBy<S>[] | readonly [count: number, ...order: SortBy<S>[]]
  ): Table<S> {
    const given: readonly (number | SortBy<S>)[] = order;
    const [count] = given;
    const names = given.filter((key) => typeof key !== 'number');
    return this.firstRows(this.node, by, sortKeys(this.schema, names), typeof count === 'number' ? count : 1);
  }

  /**
   * The first rows of a sorted table, in its order. All other columns follow the order, so that no two different rows
   * tie; they alone decide where the table is not sorted.
   * @example
   * posts.orderBy(descending('likes')).limit(10);
   */
  limit(count: number): Table<S> {
    return this.node.kind === 'order'
      ? this.firstRows(this.node.input, [], this.node.order, count)
      : this.firstRows(this.node, [], [], count);
  }

  /**
   * A window over the rows of each group (over all rows, when `by` is empty), in the order given. All other columns
   * follow the order, so that no two different rows tie.
   * @example
   * const counted = posts.groupBy('country', 'category').aggregate(() => ({ posts: count() }));
   * counted.window(['country'], descending('posts')).withColumns((row) => ({ place: rank(), share: shareOf(row.posts) }));
   */
  window(by: readonly OrderedName<S>[], ...order: readonly SortBy<S>[]) {
    const keys = order.length === 0 ? [] : sortKeys(this.schema, order);
    const ties = otherKeys(this.schema, by, keys);
    return {
      /** All rows and columns, and the columns of the window. */
      withColumns: <W extends Record<string, WindowColumn>>(
        choose: (row: RowOf<S>) => W & Unlike<keyof S & string>,
      ): Table<Joined<S, SchemaOf<W>>> => {
        const wanted = choose(this.columns);
        const nodes = mapValues(wanted, ({ node }) => node);
        checkWindows(this.schema, keys, nodes);
        const schema = { ...this.schema, ...mapValues(wanted, ({ type }) => type) } as Joined<S, SchemaOf<W>>;
        const sorted = { order: keys, ties };
        return new Table({ kind: 'window', schema, input: this.node, by, ...sorted, windows: nodes }, schema);
      },
    };
  }

  /**
   * All rows, sorted: nulls first ascending, last descending.
   * @example
   * posts.orderBy('country', descending('likes'));
   */
  orderBy(...order: readonly SortBy<S>[]): Table<S> {
    const keys = sortKeys(this.schema, order);
    return this.with({ kind: 'order', schema: this.schema, input: this.node, order: keys });
  }

  private paired<R extends Schemalike<R>>(
    kind: 'join' | 'left_join',
    right: Table<R>,
    on: readonly string[],
  ): Table<Joined<S, R>> {
    checkJoin(this.schema, right.schema, on);
    checkUnshared(this.schema, right.schema, on);
    const schema = { ...this.schema, ...right.schema } as Joined<S, R>;
    return new Table({ kind, schema, left: this.node, right: right.node, on }, schema);
  }

  private firstRows(
    input: RelationNode,
    by: readonly OrderedName<S>[],
    keys: readonly SortKey[],
    count: number,
  ): Table<S> {
    checkCount(count);
    const order = [...keys, ...otherKeys(this.schema, by, keys)];
    return this.with({ kind: 'top', schema: this.schema, input, by, order, count });
  }

  private with(node: RelationNode): Table<S> {
    return new Table(node, this.schema);
  }
}
