/** The checks of relations of two tables. */
import { columnType, isArrayType, PlanError, type Schema } from './types.ts';

/** @throws PlanError when a column to join on is missing on a side, differs in type or has no order */
export function checkJoin(left: Schema, right: Schema, on: readonly string[]): void {
  for (const name of on) {
    const types = [columnType(left, name), columnType(right, name)];
    if (types[0] !== types[1] || types.some(isArrayType)) {
      throw new PlanError(
        `A join on "${name}" needs one type that has an order on both sides, not ${types.join(' and ')}.`,
      );
    }
  }
}

/** @throws PlanError when both sides have a column that they are not joined on */
export function checkUnshared(left: Schema, right: Schema, on: readonly string[]): void {
  const shared = Object.keys(right).filter((name) => Object.hasOwn(left, name) && !on.includes(name));
  if (shared.length > 0) {
    throw new PlanError(`Both sides of the join have ${shared.join(', ')}; rename or leave out one of each.`);
  }
}

/** @throws PlanError when the tables differ in the names or types of their columns, whose order makes no difference */
export function checkSameColumns(one: Schema, other: Schema): void {
  const columnsOf = (schema: Schema) => Object.entries(schema).map((column) => column.join(' '));
  const [own, others] = [columnsOf(one), columnsOf(other)];
  const different = [
    ...own.filter((column) => !others.includes(column)),
    ...others.filter((column) => !own.includes(column)),
  ];
  if (different.length > 0) {
    throw new PlanError(
      `A union needs the same columns on both sides, but only one has ${different.join(', ')}.`,
    );
  }
}
