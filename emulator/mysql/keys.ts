/** Checks of the keys of tables that others have made, before anything of them is sent. */
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { largestInteger } from '../../pipeline/plan/types.ts';
import type { Database } from './database.ts';
import { quoted } from './tables.ts';

const wholeNumberTypes = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);

/**
 * Checks that a dataset's table has all columns, and that every row has a key that can be sent exactly.
 * @throws Error that names the table and what it needs
 */
export async function checkKeys(database: Database, dataset: Dataset, signal?: AbortSignal): Promise<void> {
  const { key, sourceTable } = dataset;
  const types = await columnTypes(database, dataset, signal);
  const type = types.get(key.toLowerCase());
  if (type !== undefined && !wholeNumberTypes.has(type)) {
    throw new Error(
      `The key ${key} of the table ${sourceTable} is of type ${type}. It must be a whole number: make it BIGINT.`,
    );
  }
  const [withoutKey] = await database.query(
    `SELECT 1 AS found FROM ${quoted(sourceTable)} WHERE ${quoted(key)} IS NULL LIMIT 1`,
    [],
    signal,
  );
  if (withoutKey !== undefined) {
    throw new Error(
      `The table ${sourceTable} has rows whose key ${key} is NULL, which belong to no post. Give them a key or delete them.`,
    );
  }
  const [bounds] = await database.query(
    `SELECT MIN(${quoted(key)}) AS low, MAX(${quoted(key)}) AS high FROM ${quoted(sourceTable)}`,
    [],
    signal,
  );
  for (const bound of [bounds?.low, bounds?.high]) {
    if (bound !== null && bound !== undefined) {
      exactKey(dataset, bound);
    }
  }
}

/** The types of a dataset's columns by their names, in which MySQL does not tell cases apart. @throws Error when some are missing */
async function columnTypes(
  database: Database,
  { raw, sourceTable }: Dataset,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const columns = await database.query(
    'SELECT column_name AS name, data_type AS type FROM information_schema.columns ' +
      'WHERE table_schema = DATABASE() AND table_name = ?',
    [sourceTable],
    signal,
  );
  if (columns.length === 0) {
    const [asked] = await database.query('SELECT DATABASE() AS name', [], signal);
    throw new Error(
      `The database ${String(asked?.name)} has no table ${sourceTable} that this user may read. "npm run seed" makes and fills it.`,
    );
  }
  const types = new Map(
    columns.map(({ name, type }) => [String(name).toLowerCase(), String(type).toLowerCase()]),
  );
  const missing = Object.keys(raw).filter((field) => !types.has(field.toLowerCase()));
  if (missing.length > 0) {
    throw new Error(
      `The table ${sourceTable} lacks the columns ${missing.join(', ')}. Add them; they may be NULL in every row.`,
    );
  }
  return types;
}

/**
 * Checks that no two rows of a dataset's table share a key: a post has one row of each table.
 * @throws Error that names the table and a key
 */
export async function checkDistinctKeys(
  database: Database,
  { key, sourceTable }: Dataset,
  signal?: AbortSignal,
): Promise<void> {
  const [unique] = await database.query(
    'SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? ' +
      'GROUP BY index_name HAVING MAX(non_unique) = 0 AND COUNT(*) = 1 AND MAX(column_name) = ?',
    [sourceTable, key],
    signal,
  );
  if (unique !== undefined) {
    return;
  }
  const [shared] = await database.query(
    `SELECT ${quoted(key)} AS shared FROM ${quoted(sourceTable)} GROUP BY ${quoted(key)} HAVING COUNT(*) > 1 LIMIT 1`,
    [],
    signal,
  );
  if (shared !== undefined) {
    throw new Error(
      `The table ${sourceTable} has several rows whose key ${key} is ${String(shared.shared)}, and a post has one row of ` +
        'each table. Keep one row of each key, best with a unique index on it.',
    );
  }
}

/** A key as a number. @throws Error when it is not exactly one */
export function exactKey({ key, sourceTable }: Dataset, value: unknown): number {
  const number = typeof value === 'number' ? value : Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new Error(
      `The table ${sourceTable} has the key ${key} = ${String(value)}, which cannot be sent exactly: keys are whole ` +
        `numbers within ±${largestInteger}.`,
    );
  }
  return number;
}
