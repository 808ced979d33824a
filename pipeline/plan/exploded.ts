import { type ColumnType, columnType, elementTypes, isArrayType, PlanError, type Schema } from './types.ts';

/**
 * The schema with an element in the place of its array.
 * @throws PlanError when the column is no array, or another one has the element's name
 */
export function exploded(schema: Schema, name: string, as: string): Readonly<Record<string, ColumnType>> {
  const type = columnType(schema, name);
  if (!isArrayType(type)) {
    throw new PlanError(`Cannot explode "${name}": ${type} is no array.`);
  }
  if (as !== name && Object.hasOwn(schema, as)) {
    throw new PlanError(`There is a column "${as}" already; the elements of "${name}" need another name.`);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([column, of]) => (column === name ? [as, elementTypes[type]] : [column, of])),
  );
}
