/** Cuts landing files into splits of about one size: many small files together, a large one by ranges of its bytes. */
import { isCompressed, type LandingFile } from '../landing/reader.ts';

/** The lines of a landing file that begin from one byte on and before another. */
export interface FileSplit {
  /** From the landing folder. */
  readonly path: string;
  readonly from: number;
  /** Infinity: to the file's end. */
  readonly to: number;
  /** Bytes of this part, as the file was listed. */
  readonly size: number;
  /** Bytes of the whole file, as it was listed. */
  readonly fileSize: number;
  /** The time of the file's last change, in milliseconds since 1970. */
  readonly modified: number;
  /** The folder that holds it, where it is not the landing folder. */
  readonly folder: string | undefined;
}

/** The part of a file, as it is opened. */
export function wantedOf({ path, folder, from, to, fileSize }: FileSplit) {
  return { path, folder, size: fileSize, ranges: [{ from, to }] };
}

/** Enough for a row group of a data file and little enough for memory; many files have only one record. */
const splitBytes = 24 * 1024 * 1024;
const splitFiles = 2000;

/** Cuts files into splits, in the order of the files. */
export function splitsOf(files: readonly LandingFile[], bytes = splitBytes): FileSplit[][] {
  const splits: FileSplit[][] = [];
  let split: FileSplit[] = [];
  let room = bytes;
  for (const { path, size, modified, folder } of files) {
    let from = 0;
    do {
      if (room <= 0 || split.length >= splitFiles) {
        splits.push(split);
        split = [];
        room = bytes;
      }
      // The rest of a file is not cut for a little, and a compressed file not at all.
      const ends = size - from <= room * 1.25 || isCompressed(path);
      const to = ends ? Number.POSITIVE_INFINITY : from + room;
      const length = ends ? size - from : room;
      split.push({ path, from, to, size: length, fileSize: size, modified, folder });
      room -= length;
      from += length;
    } while (from < size);
  }
  return split.length > 0 ? [...splits, split] : splits;
}
