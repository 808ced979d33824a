/** Searches one file for traces of erased posts: pages of Parquet are opened, and what is packed with gzip. */
import { gunzipSync } from 'node:zlib';
import type { FileMetaData } from 'hyparquet';
import { readObjects, withParquetFile } from '../../parquet/read/read.ts';
import type { ObjectMeta, ObjectStore } from '../../storage/object_store.ts';
import type { Wanted } from './wanted.ts';

/** A kind of thing that a file holds of erased posts. */
export type Trace = 'key' | 'value';

/** @throws StorageError or ParquetError when the file cannot be read */
export async function tracesIn(
  store: ObjectStore,
  file: ObjectMeta,
  wanted: Wanted,
): Promise<readonly Trace[]> {
  return file.name.endsWith('.parquet')
    ? tracesInParquet(store, file, wanted)
    : tracesInBytes(store, file, wanted);
}

async function tracesInBytes(
  store: ObjectStore,
  { name, modified }: ObjectMeta,
  wanted: Wanted,
): Promise<readonly Trace[]> {
  const stored = (await store.read(name)) ?? new Uint8Array();
  const isPacked = stored[0] === 0x1f && stored[1] === 0x8b;
  const bytes = isPacked ? gunzipSync(stored) : stored;
  // One line at a time: a file may be longer than any string.
  let isNamed = false;
  for (let start = 0; start < bytes.length && !isNamed; ) {
    const end = bytes.indexOf(0x0a, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    isNamed = wanted.isNamedIn(Buffer.from(line).toString(), modified);
    start = end < 0 ? bytes.length : end + 1;
  }
  return tracesOf(isNamed, wanted.hasValueIn(bytes) || wanted.hasValueIn(stored));
}

function tracesOf(hasKey: boolean, hasValue: boolean): readonly Trace[] {
  return [...(hasKey ? (['key'] as const) : []), ...(hasValue ? (['value'] as const) : [])];
}

function tracesInParquet(
  store: ObjectStore,
  { name, modified }: ObjectMeta,
  wanted: Wanted,
): Promise<readonly Trace[]> {
  return withParquetFile(store, name, async (source, metadata: FileMetaData) => {
    const whole = new Uint8Array(await source.slice(0, source.byteLength));
    let hasKey = false;
    let hasValue = wanted.hasValueIn(whole);
    const visit = (column: string, value: unknown): void => {
      if (typeof value === 'string') {
        // The raw copy of landing files keeps what is not UTF-8 in Base64.
        const bytes = Buffer.from(value, column === 'bytes' ? 'base64' : 'utf8');
        hasKey ||= wanted.isNamedIn(bytes.toString(), modified);
        hasValue ||= wanted.hasValueIn(bytes);
      } else if (typeof value === 'number' || typeof value === 'bigint') {
        hasKey ||= wanted.isKeyColumn(column) && wanted.isErased(Number(value), modified);
      } else if (value !== null && typeof value === 'object') {
        for (const [inner, part] of Object.entries(value)) {
          visit(inner, part);
        }
      }
    };
    visit('', await readObjects(source, metadata));
    return tracesOf(hasKey, hasValue);
  });
}
