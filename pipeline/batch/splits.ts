/** Landing files cut into tasks of about one size: many small files together, a large one by ranges of its bytes. */
import type { LandingFile } from '../landing/reader.ts';

/** The lines of a landing file that begin from one byte on and before another. */
export interface FileSplit {
  /** From the landing folder. */
  readonly path: string;
  readonly from: number;
  /** Infinity: to the file's end. */
  readonly to: number;
  /** Bytes, as the file was listed. */
  readonly size: number;
}

/** Enough for a row group of a data file and little enough for memory; there are many files of one record. */
const taskBytes = 24 * 1024 * 1024;
const taskFiles = 2000;

/** Cuts files into tasks, in the order of the files. */
export function splitsOf(files: readonly LandingFile[], bytesOfTask = taskBytes): FileSplit[][] {
  const tasks: FileSplit[][] = [];
  let task: FileSplit[] = [];
  let room = bytesOfTask;
  for (const { path, size } of files) {
    let from = 0;
    do {
      if (room <= 0 || task.length >= taskFiles) {
        tasks.push(task);
        task = [];
        room = bytesOfTask;
      }
      // What is left of a file is not cut for a little.
      const ends = size - from <= room * 1.25;
      const to = ends ? Number.POSITIVE_INFINITY : from + room;
      const bytes = ends ? size - from : room;
      task.push({ path, from, to, size: bytes });
      room -= bytes;
      from += bytes;
    } while (from < size);
  }
  return task.length > 0 ? [...tasks, task] : tasks;
}
