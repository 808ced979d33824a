/** The rules of the plan's builder that TypeScript checks, over schemas whose columns it knows by name. */
import type { ArrayType, ColumnType, ElementType } from './types.ts';

type NameOf<S> = keyof S & string;

/** The columns that have an order; all columns of a schema that TypeScript does not know by name. */
export type OrderedName<S> = {
  [C in NameOf<S>]: S[C] extends ArrayType ? never : C;
}[NameOf<S>];

/** The columns of arrays; all columns of a schema that TypeScript does not know by name. */
export type ArrayName<S> = {
  [C in NameOf<S>]: S[C] & ArrayType extends never ? never : C;
}[NameOf<S>];

/** The columns that two tables have. */
export type SharedName<S, R> = NameOf<S> & NameOf<R>;

/**
 * Refuses a comparison of columns that differ in type or have no order. The name of the property that is missing then is
 * the reason in TypeScript's message.
 */
export type Comparable<S, R, On extends SharedName<S, R>> = Without<
  'unjoinableColumns',
  Unjoinable<S, R, On>
>;

/** Refuses the same, and a join of tables that share other columns. */
export type Joinable<S, R, On extends SharedName<S, R>> = Comparable<S, R, On> &
  (string extends keyof S | keyof R ? unknown : Without<'sharedColumns', Exclude<SharedName<S, R>, On>>);

type Unjoinable<S, R, On extends SharedName<S, R>> = {
  [C in On]: [Exclude<S[C] & R[C], ArrayType>] extends [never] ? C : never;
}[On];

type Without<Reason extends string, Names> = [Names] extends [never] ? unknown : Record<Reason, Names>;

/** No column of these names; nothing where TypeScript does not know them. */
export type Unlike<Names extends string> = { readonly [C in Names as string extends C ? never : C]?: never };

export type SortBy<S> = OrderedName<S> | { readonly column: OrderedName<S>; readonly descending: boolean };

type Typed = Readonly<Record<string, { readonly type: ColumnType }>>;

/** The schema of rows that an expression or aggregate makes for each column. */
export type SchemaOf<Columns extends Typed> = { [C in keyof Columns]: Columns[C]['type'] };

export type Aggregated<S extends Schemalike<S>, By extends keyof S, A extends Typed> = Pick<S, By> &
  SchemaOf<A>;

/** The schema with an element in place of its array. */
export type Exploded<S extends Schemalike<S>, C extends keyof S, As extends string> = Omit<S, C> & {
  readonly [A in As]: ElementType<S[C] & ArrayType>;
};

export type Joined<S extends Schemalike<S>, R extends Schemalike<R>> = {
  [C in keyof S | keyof R]: C extends keyof S ? S[C] : C extends keyof R ? R[C] : never;
};

/** The schema of a table to TypeScript: a type for every column, by name. */
export type Schemalike<S> = { readonly [C in keyof S]: ColumnType };
