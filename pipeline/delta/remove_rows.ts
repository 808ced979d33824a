/**
 * Removes rows of a Delta table: files that hold some are written again without them, the others stay (Delta's DELETE).
 *
 * The new files are written first. Then one entry removes the old ones and adds the new ones; a run that is killed before
 * leaves files that no entry names. Others may commit meanwhile: the files that they add are searched, too.
 */
import { withoutRows } from '../columns/gathered.ts';
import { type ColumnarTable, columnAt, emptyTable } from '../columns/table.ts';
import { partOf, type Schema } from '../plan/types.ts';
import type { Action, Add } from './actions.ts';
import { applyCommit, commitInfo, isCommitted, removal, txnActions, type WriteOptions } from './commit.ts';
import { type DeltaEnvironment, type DeltaOptions, environmentOf } from './environment.ts';
import { decodedPath, fileOf, removeFiles, writeFileTo } from './files.ts';
import { putEntry } from './log.ts';
import { readDataFile, readLiveRows } from './parquet_file.ts';
import { checkRemovable, checkWritable, readableSchema } from './protocol.ts';
import { readState, type Snapshot } from './snapshot.ts';
import { boundsOf } from './statistics.ts';

/** The rows to remove. */
export interface RowChoice {
  /** The columns that tell. */
  readonly columns: readonly string[];
  /** Tells whether a file may hold such a row, from the bounds of its columns; a column without bounds may hold any value. */
  mayHold(boundsOf: (column: string) => Bounds | undefined): boolean;
  /** Tells for each row of a table of these columns whether it is one. */
  chosen(table: ColumnarTable): (row: number) => boolean;
}

type Bounds = NonNullable<ReturnType<typeof boundsOf>>;

/** Rows whose value of a column is one of some whole numbers. */
export function rowsWith(column: string, keys: ReadonlySet<number>): RowChoice {
  const ascending = Float64Array.from(keys).sort();
  return {
    columns: [column],
    mayHold: (bounds) => {
      const { min, max } = bounds(column) ?? {};
      return typeof min === 'number' && typeof max === 'number'
        ? ascending.some((key) => key >= min && key <= max)
        : keys.size > 0;
    },
    chosen: (table) => {
      const values = columnAt(table, column);
      return (row) => {
        const value = values.at(row);
        return value !== null && keys.has(Number(value));
      };
    },
  };
}

export interface RemoveOptions extends DeltaOptions, Pick<WriteOptions, 'txn' | 'userMetadata'> {
  /** Says what would be removed, and removes nothing. */
  readonly isDryRun?: boolean;
  /**
   * Properties that the commit gives the table. Spark refuses every transaction beside a commit that changes one, and lets
   * an append pass beside one that has a `txn` alone, or that removes files which the append has not read.
   */
  readonly properties?: Readonly<Record<string, string>>;
}

/** The result of a removal, or of a dry run. */
export interface Removal {
  readonly rows: number;
  /** Data files that held such rows. */
  readonly files: number;
}

/** A file that holds rows to remove, and the one with its other rows; undefined when it has none, or in a dry run. */
interface Rewritten {
  readonly input: Add;
  readonly rows: number;
  readonly output: Add | undefined;
}

/**
 * Removes rows in one commit. With a `txn` there is a commit also when there are no such rows; when it was committed before, nothing
 * is done.
 * @throws DeltaError when the table does not exist, is not supported or is append-only
 */
export async function removeRows(
  path: string,
  choice: RowChoice,
  { isDryRun = false, txn, userMetadata, properties, ...options }: RemoveOptions = {},
): Promise<Removal> {
  const environment = await environmentOf(path, options);
  const { storage } = environment;
  const write = {
    operation: 'DELETE',
    ...(txn && { txn }),
    ...(userMetadata !== undefined && { userMetadata }),
  };
  const state = await readState(environment);
  const searched = new Map<Add, Rewritten | undefined>();
  const written = () => [...searched.values()].flatMap((file) => file?.output ?? []);
  for (;;) {
    const schema = readableSchema(storage.name, state);
    checkWritable(storage.name, state);
    if (isCommitted(state, write)) {
      await removeFiles(storage, written());
      return { rows: 0, files: 0 };
    }
    // A file that others have removed, or given a deletion vector, meanwhile.
    for (const [input, file] of searched) {
      if (state.files.get(decodedPath(storage.name, input.path)) !== input) {
        searched.delete(input);
        await removeFiles(storage, file?.output ? [file.output] : []);
      }
    }
    try {
      for (const input of state.files.values()) {
        if (!searched.has(input)) {
          searched.set(input, await rewritten(environment, schema, input, choice, isDryRun));
        }
      }
    } catch (error) {
      await removeFiles(storage, written());
      throw error;
    }
    const found = [...searched.values()].flatMap((file) => file ?? []);
    const removed = { rows: found.reduce((sum, { rows }) => sum + rows, 0), files: found.length };
    if (isDryRun || (found.length === 0 && txn === undefined)) {
      return removed;
    }
    if (found.length > 0) {
      checkRemovable(storage.name, state);
    }
    const version = state.version + 1;
    const entry = [...entryOf(environment, state.version, found, write), ...metadataWith(state, properties)];
    if (await putEntry(storage, version, entry)) {
      await applyCommit(environment, state, version, entry);
      return removed;
    }
    await state.advancePast(version);
  }
}

/** Writes a file again without the chosen rows; undefined when it holds none. Rows that a deletion vector hides are found, too. */
async function rewritten(
  environment: DeltaEnvironment,
  schema: Schema,
  input: Add,
  choice: RowChoice,
  isDryRun: boolean,
): Promise<Rewritten | undefined> {
  const { storage, clock } = environment;
  if (!choice.mayHold((column) => boundsOf(input.stats, column))) {
    return undefined;
  }
  const path = fileOf(storage.name, input.path);
  const telling = emptyTable(partOf(schema, choice.columns));
  const length = await readDataFile(storage, path, telling);
  const rows = countOf(length, choice.chosen({ ...telling, length }));
  if (rows === 0 || isDryRun) {
    return rows === 0 ? undefined : { input, rows, output: undefined };
  }
  const live = emptyTable(schema);
  const all = { ...live, length: await readLiveRows(storage, path, input.deletionVector, live) };
  const kept = withoutRows(all, choice.chosen(all));
  return { input, rows, output: kept.length === 0 ? undefined : await writeFileTo(storage, kept, clock) };
}

function metadataWith({ metadata }: Snapshot, properties: RemoveOptions['properties']): Action[] {
  const configuration = { ...metadata.configuration, ...properties };
  return properties === undefined ? [] : [{ metaData: { ...metadata, configuration } }];
}

function countOf(rows: number, isChosen: (row: number) => boolean): number {
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    count += isChosen(row) ? 1 : 0;
  }
  return count;
}

function entryOf(
  environment: DeltaEnvironment,
  base: number,
  found: readonly Rewritten[],
  write: WriteOptions,
): Action[] {
  const adds = found.flatMap(({ output }) => output ?? []);
  const { commitInfo: info } = commitInfo(environment, write, { predicate: '[]' }, adds, base);
  const operationMetrics = {
    numRemovedFiles: String(found.length),
    numAddedFiles: String(adds.length),
    numDeletedRows: String(found.reduce((sum, { rows }) => sum + rows, 0)),
  };
  return [
    { commitInfo: { ...info, operationMetrics } },
    ...txnActions(environment, write),
    ...found.map(({ input }) => ({ remove: removal(environment, input, true) })),
    ...adds.map((add) => ({ add })),
  ];
}
