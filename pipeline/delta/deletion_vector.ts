/**
 * Deletion vectors: rows of a data file that are deleted without writing the file again (Delta protocol, "Deletion
 * Vectors" and "Deletion Vector Format"). Spark and Databricks write them; here they are read.
 */
import type { ObjectStore } from '../storage/object_store.ts';
import type { DeletionVector } from './actions.ts';
import { DeltaError } from './error.ts';

/** Reads the positions of the deleted rows within a file. @throws DeltaError when the vector cannot be read */
export async function deletedRows(
  storage: ObjectStore,
  vector: DeletionVector,
): Promise<ReadonlySet<number>> {
  const rows = new Set<number>();
  readBitmaps(await bytesOf(storage, vector), rows);
  if (rows.size !== vector.cardinality) {
    throw new DeltaError(
      `A deletion vector of the Delta table ${storage.name} holds ${rows.size} rows, not ${vector.cardinality} as its log says.`,
    );
  }
  return rows;
}

/** The serialized bitmaps: from the log itself, or from a file beside the data. */
async function bytesOf(storage: ObjectStore, vector: DeletionVector): Promise<DataView> {
  const { storageType, pathOrInlineDv, offset, sizeInBytes } = vector;
  if (storageType === 'i') {
    return viewOf(decodeBase85(pathOrInlineDv).subarray(0, sizeInBytes));
  }
  if (storageType === 'p') {
    throw new DeltaError(
      `A deletion vector of the Delta table ${storage.name} is at the absolute path ${pathOrInlineDv}, which is not supported.`,
    );
  }
  // An optional folder, and a UUID in base 85.
  const folder = pathOrInlineDv.slice(0, -20);
  const uuid = Buffer.from(decodeBase85(pathOrInlineDv.slice(-20)))
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const path = `${folder === '' ? '' : `${folder}/`}deletion_vector_${uuid}.bin`;
  const file = await storage.read(path);
  const start = (offset ?? 1) + 4;
  if (
    file === undefined ||
    file.length < start + sizeInBytes ||
    viewOf(file).getInt32(start - 4) !== sizeInBytes
  ) {
    throw new DeltaError(
      `The deletion vector ${path} of the Delta table ${storage.name} is missing or damaged.`,
    );
  }
  return viewOf(file.subarray(start, start + sizeInBytes));
}

/** The first bytes of an array of Roaring bitmaps: portable, which Spark writes, and native, as the protocol's example is. */
const portableMagic = 1681511377;
const nativeMagic = 1681511376;

/** One 32-bit Roaring bitmap for each upper half of 64-bit positions. */
function readBitmaps(view: DataView, into: Set<number>): void {
  if (view.getInt32(0, true) === portableMagic) {
    const bitmaps = Number(view.getBigInt64(4, true));
    let at = 12;
    for (let bitmap = 0; bitmap < bitmaps; bitmap += 1) {
      at = readBitmap(view, at + 4, view.getUint32(at, true) * 2 ** 32, into);
    }
  } else if (view.getInt32(0) === nativeMagic) {
    const bitmaps = view.getInt32(4);
    let at = 8;
    for (let bitmap = 0; bitmap < bitmaps; bitmap += 1) {
      // Each comes after its size in bytes, and the upper halves count up from 0.
      readBitmap(view, at + 4, bitmap * 2 ** 32, into);
      at += 4 + view.getInt32(at);
    }
  } else {
    throw new DeltaError('A deletion vector is not an array of Roaring bitmaps.');
  }
}

const withoutRuns = 12346;
const withRuns = 12347;
/** Fewer containers than these have no offsets, where there are runs. */
const offsetsFrom = 4;
const longestArray = 4096;
const bitmapBytes = 8192;

/** Reads a bitmap as https://github.com/RoaringBitmap/RoaringFormatSpec lays it out. @returns the position after it */
function readBitmap(view: DataView, start: number, upper: number, into: Set<number>): number {
  const cookie = view.getUint32(start, true);
  const hasRuns = (cookie & 0xffff) === withRuns;
  if (!hasRuns && cookie !== withoutRuns) {
    throw new DeltaError(`A deletion vector holds no Roaring bitmap: it begins with ${cookie}.`);
  }
  const count = hasRuns ? (cookie >>> 16) + 1 : view.getUint32(start + 4, true);
  const runFlags = start + 4;
  const keys = hasRuns ? runFlags + Math.ceil(count / 8) : start + 8;
  const hasOffsets = !hasRuns || count >= offsetsFrom;
  let at = keys + 4 * count + (hasOffsets ? 4 * count : 0);
  for (let container = 0; container < count; container += 1) {
    const base = upper + view.getUint16(keys + 4 * container, true) * 65_536;
    const cardinality = view.getUint16(keys + 4 * container + 2, true) + 1;
    const isRun = hasRuns && ((view.getUint8(runFlags + (container >> 3)) >> (container & 7)) & 1) === 1;
    at = isRun
      ? readRuns(view, at, base, into)
      : cardinality <= longestArray
        ? readArray(view, at, cardinality, base, into)
        : readBits(view, at, base, into);
  }
  return at;
}

function readRuns(view: DataView, start: number, base: number, into: Set<number>): number {
  const runs = view.getUint16(start, true);
  for (let run = 0; run < runs; run += 1) {
    const first = base + view.getUint16(start + 2 + 4 * run, true);
    const more = view.getUint16(start + 4 + 4 * run, true);
    for (let row = first; row <= first + more; row += 1) {
      into.add(row);
    }
  }
  return start + 2 + 4 * runs;
}

function readArray(view: DataView, start: number, length: number, base: number, into: Set<number>): number {
  for (let index = 0; index < length; index += 1) {
    into.add(base + view.getUint16(start + 2 * index, true));
  }
  return start + 2 * length;
}

function readBits(view: DataView, start: number, base: number, into: Set<number>): number {
  for (let bit = 0; bit < 8 * bitmapBytes; bit += 1) {
    if ((view.getUint8(start + (bit >> 3)) >> (bit & 7)) & 1) {
      into.add(base + bit);
    }
  }
  return start + bitmapBytes;
}

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Decodes Z85 (https://rfc.zeromq.org/spec/32): five characters for four bytes. */
function decodeBase85(encoded: string): Uint8Array {
  const bytes = Buffer.alloc((encoded.length / 5) * 4);
  for (let block = 0; block < encoded.length / 5; block += 1) {
    const digits = [...encoded.slice(5 * block, 5 * block + 5)].map((digit) => alphabet.indexOf(digit));
    bytes.writeUInt32BE(
      digits.reduce((value, digit) => value * 85 + digit, 0),
      4 * block,
    );
  }
  return bytes;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
