/**
 * Takes values out of the log of a Delta table that only files had which are gone: the bounds of their columns. Bounds are
 * values of rows, so rows that were erased would live on in them.
 *
 * An entry stays in its place, with the same actions, number of bytes and, in a folder, time. Older checkpoints with such files are
 * removed, for the versions that they serve need these files.
 */
import type { ObjectMeta, ObjectStore } from '../../storage/object_store.ts';
import { type Checkpoint, readCheckpoint, wholeCheckpoints } from '../checkpoint_read.ts';
import type { DeltaEnvironment } from '../environment.ts';
import { fileOf } from '../files.ts';
import { logFolder, versionOfEntry } from '../log.ts';
import type { TableState } from '../snapshot.ts';

/** Files of Spark beside the entries that repeat what these say. */
const repeated = /^\d{20}\.(crc|\d{20}\.compacted\.json)$/;

/**
 * Forgets the bounds of files that are gone.
 * @param before checkpoints after this time stay, in milliseconds since 1970
 * @returns the number of log files that were changed or removed
 */
export async function forgetRemovedFiles(
  { storage }: DeltaEnvironment,
  state: TableState,
  before: number,
): Promise<number> {
  // The files of an entry that is listed are there before it.
  const log = await storage.list(logFolder);
  const present = new Set((await storage.list('')).map(({ name }) => name));
  const isGone = (path: string) => !present.has(fileOf(storage.name, path));
  let changed = 0;
  for (const file of log) {
    const version = versionOfEntry(file.name);
    if (version !== undefined) {
      changed += (await forgetInEntry(storage, file, log, isGone)) ? 1 : 0;
    } else if (repeated.test(file.name) && Number(file.name.slice(0, 20)) < state.version) {
      await storage.remove(`${logFolder}/${file.name}`);
    }
  }
  const names = log.map(({ name }) => name);
  const aged = new Set(log.filter(({ modified }) => modified <= before).map(({ name }) => name));
  const [base, ...older] = wholeCheckpoints(names).filter((checkpoint) =>
    filesOf(checkpoint, names).every((name) => aged.has(name)),
  );
  if (base !== undefined && older.length > 0) {
    await readCheckpoint(storage, base);
  }
  for (const checkpoint of older) {
    const actions = await readCheckpoint(storage, checkpoint);
    if (actions.some(({ add }) => add?.stats && isGone(add.path))) {
      for (const name of filesOf(checkpoint, names)) {
        await storage.remove(`${logFolder}/${name}`);
        changed += 1;
      }
    }
  }
  return changed;
}

function filesOf({ version }: Checkpoint, names: readonly string[]): string[] {
  const start = `${String(version).padStart(20, '0')}.checkpoint.`;
  return names.filter((name) => name.startsWith(start) && name.endsWith('.parquet'));
}

/** @returns whether the entry told bounds of a file that is gone */
async function forgetInEntry(
  storage: ObjectStore,
  { name, modified }: ObjectMeta,
  log: readonly ObjectMeta[],
  isGone: (path: string) => boolean,
): Promise<boolean> {
  const path = `${logFolder}/${name}`;
  const bytes = await storage.read(path);
  const text = new TextDecoder().decode(bytes);
  const forgotten = text
    .split('\n')
    .map((line) => withoutBounds(line, isGone))
    .join('\n');
  if (bytes === undefined || forgotten === text) {
    return false;
  }
  await storage.put(path, new TextEncoder().encode(forgotten), modified);
  // Hadoop's checksum of the entry as it was.
  const checksum = `.${name}.crc`;
  if (log.some((file) => file.name === checksum)) {
    await storage.remove(`${logFolder}/${checksum}`);
  }
  return true;
}

/** A line of an entry, as long as before: readers may have taken its length from a listing. */
function withoutBounds(line: string, isGone: (path: string) => boolean): string {
  if (!line.includes('"stats"')) {
    return line;
  }
  const action = JSON.parse(line);
  const stats = action.add?.stats;
  if (typeof stats !== 'string' || !isGone(action.add.path)) {
    return line;
  }
  const { numRecords } = JSON.parse(stats);
  const kept = JSON.stringify({ numRecords });
  if (kept === stats) {
    return line;
  }
  const forgotten = JSON.stringify({ ...action, add: { ...action.add, stats: kept } });
  return forgotten + ' '.repeat(Math.max(0, Buffer.byteLength(line) - Buffer.byteLength(forgotten)));
}
