import { type AggregateName, aggregates } from './aggregates.ts';
import { checkColumnNames, checkTableName } from './column_names.ts';
import { and, column, type Expression, isNotNull, type RowOf } from './expression.ts';
import type { AggregateNode, RelationNode, SortKey } from './relation.ts';
import { type ColumnType, columnType, type OrderedType, PlanError, type Schema } from './types.ts';

/** An aggregate of a group's rows. */
export interface Aggregate<T extends ColumnType = ColumnType> {
  readonly type: T;
  readonly node: AggregateNode;
}

/** @throws PlanError when an argument is no plain column, or of a type that does not fit */
function aggregateOf<T extends ColumnType>(
  name: AggregateName,
  type: T,
  ...columns: readonly Expression[]
): Aggregate<T> {
  const result = aggregates[name].type(columns.map((argument) => argument.type));
  if (result !== type) {
    throw new PlanError(`${name} gives ${result}, not ${type}.`);
  }
  const names = columns.map(({ node }) => {
    if (node.kind !== 'column') {
      throw new PlanError(`${name} takes columns; select the expression under a name first.`);
    }
    return node.name;
  });
  return { type, node: { function: name, arguments: names } };
}

type Integer = Expression<'bigint'> | Expression<'int'>;

/** The number of rows. */
export const count = () => aggregateOf('count', 'bigint');
/** The number of different rows among those where all these columns are known. */
export const countDistinct = (first: Expression, ...rest: readonly Expression[]) =>
  aggregateOf('count_distinct', 'bigint', first, ...rest);
/** The exact sum of integers; null beyond ±(2⁵³−1). */
export const sum = (values: Integer) => aggregateOf('sum', 'bigint', values);
export const min = <T extends OrderedType>(values: Expression<T>) => aggregateOf('min', values.type, values);
export const max = <T extends OrderedType>(values: Expression<T>) => aggregateOf('max', values.type, values);
/** The exact median, a double. */
export const median = (values: Integer | Expression<'double'>) => aggregateOf('median', 'double', values);

/** A column to sort by, the largest first. */
export const descending = <C extends string>(name: C): { column: C; descending: true } => ({
  column: name,
  descending: true,
});

type SortBy<S> = (keyof S & string) | { readonly column: keyof S & string; readonly descending: boolean };

type SchemaOf<Columns extends Record<string, Expression>> = { [C in keyof Columns]: Columns[C]['type'] };

type Aggregated<S extends Schemalike<S>, By extends keyof S, A extends Record<string, Aggregate>> = Pick<
  S,
  By
> & {
  [C in keyof A]: A[C]['type'];
};

type Joined<S extends Schemalike<S>, R extends Schemalike<R>> = {
  [C in keyof S | keyof R]: C extends keyof S ? S[C] : C extends keyof R ? R[C] : never;
};

/** What TypeScript accepts as the schema of a table: a type for every column, known by name. */
type Schemalike<S> = { readonly [C in keyof S]: ColumnType };

/**
 * A relation under construction. Each method gives a new one; all check names and types at once.
 * Methods throw PlanError; `query` and `dataset` add whose plan it was.
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

  /** The rows of a named table. */
  static source<const S extends Schema>(name: string, schema: S): Table<S> {
    checkTableName(name);
    return new Table({ kind: 'source', schema, name }, schema);
  }

  /** One expression for each column of the result. */
  select<Columns extends Record<string, Expression>>(
    choose: (row: RowOf<S>) => Columns,
  ): Table<SchemaOf<Columns>> {
    const chosen = choose(this.columns);
    const schema = mapValues(chosen, (expression) => expression.type) as SchemaOf<Columns>;
    const columns = mapValues(chosen, (expression) => expression.node);
    if (Object.keys(columns).length === 0) {
      throw new PlanError('select needs at least one column.');
    }
    return new Table({ kind: 'select', schema, input: this.node, columns }, schema);
  }

  /** The rows for which the condition is true: neither false nor null. */
  where(choose: (row: RowOf<S>) => Expression<'boolean'>): Table<S> {
    const condition = choose(this.columns);
    if (condition.type !== 'boolean') {
      throw new PlanError(`where takes a condition, not a ${condition.type}.`);
    }
    return this.with({ kind: 'where', schema: this.schema, input: this.node, condition: condition.node });
  }

  /** The rows where all these columns are known. */
  whereNotNull(first: keyof S & string, ...rest: readonly (keyof S & string)[]): Table<S> {
    const known = (name: string) => isNotNull(column(name, columnType(this.schema, name)));
    return this.where(() => and(known(first), ...rest.map(known)));
  }

  /** Rows that are equal in every column become one. */
  distinct(): Table<S> {
    return this.with({ kind: 'distinct', schema: this.schema, input: this.node });
  }

  /** Every pair of rows that are equal in the named columns, which both sides have; other columns must differ in name. */
  join<R extends Schemalike<R>>(
    right: Table<R>,
    ...on: readonly [keyof S & keyof R & string, ...(keyof S & keyof R & string)[]]
  ): Table<Joined<S, R>> {
    for (const name of on) {
      const types = [columnType(this.schema, name), columnType(right.schema, name)];
      if (types[0] !== types[1] || types[0] === 'array<double>') {
        throw new PlanError(
          `A join on "${name}" needs one type that has an order on both sides, not ${types.join(' and ')}.`,
        );
      }
    }
    const twice = Object.keys(right.schema).filter(
      (name) => name in this.schema && !on.some((key) => key === name),
    );
    if (twice.length > 0) {
      throw new PlanError(
        `Both sides of the join have ${twice.join(', ')}; rename or leave out one of each.`,
      );
    }
    const schema = { ...this.schema, ...right.schema } as Joined<S, R>;
    return new Table({ kind: 'join', schema, left: this.node, right: right.node, on }, schema);
  }

  /** Groups of rows equal in the named columns, nulls being equal. */
  groupBy<By extends keyof S & string>(first: By, ...rest: readonly By[]) {
    const by = [first, ...rest];
    const grouped = Object.fromEntries(
      by.map((name) => [name, orderedColumn(this.schema, name, 'group by')]),
    );
    return {
      /** One row a group: its columns, then the aggregates. */
      aggregate: <A extends Record<string, Aggregate>>(
        choose: (row: RowOf<S>) => A,
      ): Table<Aggregated<S, By, A>> => {
        const wanted = choose(this.columns);
        const twice = by.find((name) => name in wanted);
        if (twice !== undefined) {
          throw new PlanError(`"${twice}" is grouped by already; the aggregate needs another name.`);
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
   */
  topOfEach(by: readonly (keyof S & string)[], ...order: readonly SortBy<S>[]): Table<S> {
    const keys = this.sortKeys(order);
    const named = new Set<string>([...by, ...keys.map((key) => key.column)]);
    for (const name of by) {
      orderedColumn(this.schema, name, 'group by');
    }
    const open = Object.keys(this.schema).filter((name) => !named.has(name));
    if (open.length > 0) {
      throw new PlanError(
        `The top of each group is left to chance where only ${open.join(', ')} differ; order by these too.`,
      );
    }
    return this.with({ kind: 'top', schema: this.schema, input: this.node, by, order: keys });
  }

  /** All rows, sorted. */
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
      orderedColumn(this.schema, sortKey.column, 'sort by');
      return sortKey;
    });
  }
}

/** The type of a column that has an order. */
function orderedColumn(schema: Schema, name: string, purpose: string): ColumnType {
  const type = columnType(schema, name);
  if (type === 'array<double>') {
    throw new PlanError(`Cannot ${purpose} "${name}": ${type} has no order.`);
  }
  return type;
}

/** An expression for each column; an unknown name throws a PlanError instead of giving undefined. */
function rowOf<S extends { readonly [C in keyof S]: ColumnType }>(schema: S & Schema): RowOf<S> {
  const row = mapValues(schema, (type, name) => column(name, type)) as RowOf<S>;
  return new Proxy(row, {
    get: (columns, name, receiver) => {
      if (typeof name === 'string') {
        columnType(schema, name);
      }
      return Reflect.get(columns, name, receiver);
    },
  });
}

function mapValues<V, W>(
  record: Readonly<Record<string, V>>,
  change: (value: V, name: string) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
