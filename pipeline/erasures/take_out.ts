/**
 * Takes erased rows out of tables. Each commit tells the erasures up to which it did so. Who writes to such a table does
 * this first: then rows that come after an erasure that lets return are not taken for older ones.
 */
import { columnAt } from '../columns/table.ts';
import { type Removal, type RowChoice, removeRows, rowsWith } from '../delta/remove_rows.ts';
import { type DeltaOptions, DeltaTable } from '../delta/table.ts';
import { type Erasures, erasuresApplied } from '../erasures.ts';
import { Decoder } from '../json/decoder.ts';
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

/**
 * Takes the lines of erased posts out of a dataset's raw copy of landing files, which tells when each file was last changed. Files
 * come later with such lines in them, so all of it is searched each time.
 */
export async function takeOutOfBronze(
  path: string,
  dataset: Dataset,
  erasures: Erasures,
  { isDryRun = false, ...options }: TakeOutOptions = {},
): Promise<Removal | undefined> {
  const table = erasures.size === 0 ? undefined : await DeltaTable.openIfExists(path, options);
  return table && removeRows(path, copiedLines(dataset, erasures), { ...options, isDryRun });
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
  const { commit } = erasures;
  return removeRows(path, choiceOf(keys), { ...options, isDryRun, ...commit });
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

/** The rows of a table with the columns `line`, or `bytes` in Base64, and `modified` that are lines of erased posts. */
function copiedLines(dataset: Dataset, erasures: Erasures): RowChoice {
  const decoder = new Decoder(dataset, { columns: [dataset.keyColumn] });
  return {
    columns: ['line', 'bytes', 'modified'],
    mayHold: () => true,
    chosen: (table) => {
      const [line, bytes, modified] = ['line', 'bytes', 'modified'].map((name) => columnAt(table, name));
      return (row) => {
        const [text, packed] = [line?.at(row) ?? null, bytes?.at(row) ?? null];
        if (text === null && packed === null) {
          return false;
        }
        const isErased = (key: number) => !erasures.counts(key, Number(modified?.at(row)));
        const event = text === null ? Buffer.from(String(packed), 'base64') : Buffer.from(String(text));
        let isNamed = false;
        decoder.decodeLine(event, (bad) => {
          isNamed = namesKey(Buffer.from(bad).toString(), dataset.key, isErased);
        });
        const rows = decoder.take();
        return isNamed || (rows.length > 0 && isErased(Number(columnAt(rows, dataset.keyColumn).at(0))));
      };
    },
  };
}
