/**
 * Takes erased rows out of tables. Each commit tells the erasures up to which it did so. Who writes to such a table does
 * this first: then rows that come after an erasure that lets return are not taken for older ones.
 */
import { columnAt } from '../columns/table.ts';
import { type Removal, type RowChoice, removeRows, rowsWith } from '../delta/remove_rows.ts';
import { type DeltaOptions, DeltaTable } from '../delta/table.ts';
import { type Erasures, erasuresApplied } from '../erasures.ts';
import type { Dataset } from '../plan/dataset.ts';
import { namesKey } from './keys_of_line.ts';

export interface TakeOutOptions extends DeltaOptions {
  /** Says what would be taken out, and takes out nothing. */
  readonly isDryRun?: boolean;
}

/**
 * Takes the rows out of a dataset's silver that were erased since this was done last.
 * @returns the result; undefined where there is no such table
 * @throws DeltaError
 */
export function takeOutOfSilver(
  path: string,
  { keyColumn }: Pick<Dataset, 'keyColumn'>,
  erasures: Erasures,
  options: TakeOutOptions = {},
): Promise<Removal | undefined> {
  return takeOut(path, erasures, (keys) => rowsWith(keyColumn, keys), options);
}

/** Takes the lines out of a dataset's quarantine whose key can be read, as `takeOutOfSilver` does rows. */
export function takeOutOfQuarantine(
  path: string,
  { key }: Pick<Dataset, 'key'>,
  erasures: Erasures,
  options: TakeOutOptions = {},
): Promise<Removal | undefined> {
  return takeOut(path, erasures, (keys) => linesNaming(key, keys), options);
}

async function takeOut(
  path: string,
  erasures: Erasures,
  choiceOf: (keys: ReadonlySet<number>) => RowChoice,
  { isDryRun = false, ...options }: TakeOutOptions,
): Promise<Removal | undefined> {
  const table = erasures.size === 0 ? undefined : await DeltaTable.openIfExists(path, options);
  if (table === undefined) {
    return undefined;
  }
  const keys = erasures.keysAfter(await erasuresApplied(table));
  return removeRows(path, choiceOf(keys), { ...options, isDryRun, txn: erasures.txn });
}

/** The rows of a table with a column `text` that name one of some keys. */
function linesNaming(field: string, keys: ReadonlySet<number>): RowChoice {
  return {
    columns: ['text'],
    mayHold: () => keys.size > 0,
    chosen: (table) => {
      const text = columnAt(table, 'text');
      return (row) => namesKey(String(text.at(row)), field, (key) => keys.has(key));
    },
  };
}
