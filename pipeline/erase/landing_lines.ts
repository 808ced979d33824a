/**
 * Takes the lines of erased posts out of landing files. A file is replaced by one without them, or removed when it has no other; the
 * record of files read is changed with it, so that a batch does not read it again.
 */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type FileRead, recordOf, recordOfRewritten, tableOfRecord } from '../batch/files_read.ts';
import { columnAt } from '../columns/table.ts';
import { againOnConflict } from '../delta/conflicts.ts';
import { DeltaTable, tablePath } from '../delta/table.ts';
import { namesKey } from '../erasures/keys_of_line.ts';
import type { Erasures } from '../erasures.ts';
import { Decoder } from '../json/decoder.ts';
import { type ByteSource, sourcesOf } from '../landing/byte_source.ts';
import { parseLandingFile } from '../landing/layout.ts';
import { linesOf } from '../landing/line_ranges.ts';
import { keepNextOffset } from '../landing/partition.ts';
import { isCompressed, type LandingFile, listLandingFiles } from '../landing/reader.ts';
import { datasetOfTopic } from '../naming.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import { isS3Url, openObjectStore } from '../storage/open.ts';

/** A landing file with lines of erased posts. */
export interface FileWithErased {
  readonly dataset: Dataset;
  readonly file: LandingFile;
  readonly lines: number;
  /** It has no other lines. */
  readonly isAll: boolean;
}

/** The landing files that hold lines of erased posts, and those that could not be searched. */
export interface ErasedLanding {
  readonly files: readonly FileWithErased[];
  readonly unreadable: readonly { readonly path: string; readonly error: Error }[];
}

/** Searches landing files. @throws StorageError when they cannot be listed */
export async function findErasedLines(
  landing: string,
  datasets: readonly Dataset[],
  erasures: Erasures,
): Promise<ErasedLanding> {
  const files: FileWithErased[] = [];
  const unreadable: { path: string; error: Error }[] = [];
  for (const file of erasures.size === 0 ? [] : (await listLandingFiles(landing)).files) {
    const dataset = datasetOfTopic(datasets, file.topic);
    if (dataset === undefined) {
      continue;
    }
    try {
      const { path, size } = file;
      const openSource = await sourcesOf(landing, [{ path, size, ranges: [{ from: 0, to: Infinity }] }]);
      const source = openSource(0);
      try {
        const { starts, lines } = erasedLines(source, dataset, erasures, file.modified);
        if (starts.length > 0) {
          files.push({ dataset, file, lines: starts.length, isAll: starts.length === lines });
        }
      } finally {
        source.close();
      }
    } catch (error) {
      unreadable.push({ path: file.path, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return { files, unreadable };
}

/**
 * Takes the lines out of files that were found. Killed at any moment and run again, it comes to the same: a batch at worst reads a
 * file again, and finds that it knows its rows.
 */
export async function takeOutOfLanding(
  landing: string,
  lake: string,
  found: readonly FileWithErased[],
  erasures: Erasures,
): Promise<void> {
  const store = await openObjectStore(landing);
  const partitions = new Map(
    found.flatMap(({ file }) => {
      const name = parseLandingFile(file.path);
      return name === null ? [] : [[`${name.topic}/${name.partition}`, name] as const];
    }),
  );
  for (const { topic, partition } of partitions.values()) {
    await keepNextOffset(store, topic, partition);
  }
  // A file that is in the record must be there, for a changed rule reads it again: first the record, then the file.
  const [removed, rewritten] = [found.filter(({ isAll }) => isAll), found.filter(({ isAll }) => !isAll)];
  await changeRecord(lake, (recorded) => recordOfRewritten(recorded, filesOf(removed), []));
  for (const each of found) {
    await takeOutOfFile(landing, store, each, erasures);
  }
  if (rewritten.length > 0) {
    const copied = await datasetsWithCopies(lake, rewritten);
    const paths = new Set(rewritten.flatMap(({ dataset, file }) => (copied.has(dataset) ? [] : [file.path])));
    const after = (await listLandingFiles(landing)).files.filter(({ path }) => paths.has(path));
    await changeRecord(lake, (recorded) => recordOfRewritten(recorded, filesOf(rewritten), after));
  }
}

/**
 * The datasets with a raw copy of their landing files, which names these by size and time. The next batch reads the files that were
 * written again once more, and copies them as they are now.
 */
async function datasetsWithCopies(
  lake: string,
  found: readonly FileWithErased[],
): Promise<ReadonlySet<Dataset>> {
  const copied = new Set<Dataset>();
  for (const dataset of new Set(found.map((file) => file.dataset))) {
    if ((await DeltaTable.openIfExists(tablePath(lake, 'bronze', dataset.name))) !== undefined) {
      copied.add(dataset);
    }
  }
  return copied;
}

function filesOf(found: readonly FileWithErased[]): readonly LandingFile[] {
  return found.map(({ file }) => file);
}

async function takeOutOfFile(
  landing: string,
  store: ObjectStore,
  { file: { path, modified }, dataset }: FileWithErased,
  erasures: Erasures,
): Promise<void> {
  const stored = await store.read(path);
  if (stored === undefined) {
    return;
  }
  const bytes = isCompressed(path) ? gunzipSync(stored) : stored;
  const { starts, lines } = erasedLines(sourceOf(bytes), dataset, erasures, modified);
  if (starts.length === lines) {
    await (await linkedFrom(landing, path))?.remove();
    await store.remove(path);
  } else if (starts.length > 0) {
    const left = withoutLines(bytes, starts);
    const content = isCompressed(path) ? gzipSync(left) : left;
    await ((await linkedFrom(landing, path))?.put(content) ?? store.put(path, content));
  }
}

/** The file that a landing file is a link to: it holds the lines. */
async function linkedFrom(landing: string, path: string) {
  if (isS3Url(landing)) {
    return undefined;
  }
  const file = await realpath(join(landing, path));
  const [folder, name] = [await openObjectStore(dirname(file)), basename(file)];
  return { put: (bytes: Uint8Array) => folder.put(name, bytes), remove: () => folder.remove(name) };
}

/** The starts of a file's lines that name erased posts, ascending, and the number of all its lines. */
function erasedLines(
  source: ByteSource,
  dataset: Dataset,
  erasures: Erasures,
  modified: number,
): { readonly starts: readonly number[]; readonly lines: number } {
  const { keyColumn } = dataset;
  const decoder = new Decoder(dataset, { columns: [keyColumn] });
  const isErased = (key: number) => !erasures.counts(key, modified);
  const starts: number[] = [];
  let lines = 0;
  for (const { bytes, offset } of linesOf(source, 0, Number.POSITIVE_INFINITY)) {
    decoder.decodeLines(
      bytes,
      (line, _, start) => {
        lines += 1;
        if (namesKey(Buffer.from(line).toString(), dataset.key, isErased)) {
          starts.push(start);
        }
      },
      offset,
    );
    const lineStarts = decoder.lineStarts.slice();
    const rows = decoder.take();
    lines += rows.length;
    const keys = columnAt(rows, keyColumn);
    for (const [row, start] of lineStarts.entries()) {
      if (isErased(Number(keys.at(row)))) {
        starts.push(start);
      }
    }
  }
  return { starts: starts.sort((a, b) => a - b), lines };
}

function withoutLines(bytes: Uint8Array, starts: readonly number[]): Buffer {
  const left: Uint8Array[] = [];
  let from = 0;
  for (const start of starts) {
    left.push(bytes.subarray(from, start));
    const end = bytes.indexOf(0x0a, start);
    from = end < 0 ? bytes.length : end + 1;
  }
  return Buffer.concat([...left, bytes.subarray(from)]);
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    readAt: (buffer, offset, position) => {
      const read = bytes.subarray(position, position + buffer.length - offset);
      buffer.set(read, offset);
      return read.length;
    },
    close: () => undefined,
  };
}

/** Attempts to change the record while batches write it. */
const attempts = 10;

async function changeRecord(
  lake: string,
  change: (recorded: readonly FileRead[]) => readonly FileRead[],
): Promise<void> {
  const table = await DeltaTable.openIfExists(tablePath(lake, 'files_read'));
  if (table === undefined) {
    return;
  }
  await againOnConflict(attempts, async () => {
    const readVersion = await table.refresh();
    const recorded = recordOf(await table.read({ version: readVersion }));
    const changed = change(recorded);
    if (changed.length !== recorded.length || changed.some((line, i) => line !== recorded[i])) {
      await table.overwrite(tableOfRecord(changed), { readVersion });
    }
  });
}
