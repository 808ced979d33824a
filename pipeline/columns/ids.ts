/**
 * Kinds of small integers that index different arrays. A plain number passes for any of them, so nothing is cast and nothing
 * costs at run time; but one kind never passes for another, so arguments that stand side by side cannot trade places.
 */
type Kind<Name extends string> = number & { readonly kind?: Name };

/** Index of a row in a column or table. */
export type RowIndex = Kind<'row'>;
/** Code of a string in a `StringDictionary`, −1 for null. */
export type StringCode = Kind<'string code'>;
/** Id of a group of rows that are equal in some columns, −1 where a null makes a row equal to none. */
export type GroupId = Kind<'group id'>;

/** 32-bit integers of one kind. */
export interface Indexes<Index extends number> extends Int32Array {
  [index: number]: Index;
}
