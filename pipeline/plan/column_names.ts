import { PlanError, type Schema } from './types.ts';

/**
 * Matches names that no column may have: Delta and Parquet refuse ` ,;{}()=` and white space, Spark substitutes `${…}`
 * in a statement before parsing it, quotes and dots would need care in every engine, and JavaScript moves a name that
 * is a number before all others.
 */
const refused = /^[0-9]|[\s,;{}()=$`'"\\.\p{Cc}\p{Cs}]/u;

/**
 * Refuses columns that Spark cannot hold when the plan is built, before it reaches a cluster.
 * To Spark, names that differ only in case are the same.
 * @throws PlanError naming the column
 */
export function checkColumnNames(schema: Schema): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(schema)) {
    const duplicate = seen.get(name.toLowerCase());
    if (duplicate !== undefined) {
      throw new PlanError(
        `"${duplicate}" and "${name}" differ only in case, and Spark takes them for one column.`,
      );
    }
    if (name === '' || name.length > 255 || refused.test(name)) {
      throw new PlanError(
        `${JSON.stringify(name)} is not a column name for Spark and Delta: use letters, digits and underscores, not a digit first, at most 255.`,
      );
    }
    seen.set(name.toLowerCase(), name);
  }
  if (seen.size === 0) {
    throw new PlanError('A table needs at least one column.');
  }
}

/**
 * Refuses a name that does not suit topics, folders, tables and views alike.
 * @throws PlanError naming it
 */
export function checkTableName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,127}$/.test(name)) {
    throw new PlanError(
      `${JSON.stringify(name)} cannot name tables and folders: use lower-case letters, digits and underscores, a letter first, at most 128.`,
    );
  }
}
