/**
 * Decides which rows of landing files are new. A row with a new key is. A row with a key that was seen is a candidate: it is
 * compared in every column with the rows of the same key, for which the lines of both are read again. So the columns that
 * no answer needs are not held in memory, and only duplicates, which are few, cost more.
 */

import type { Allocator } from '../columns/allocator.ts';
import { Arena } from '../columns/arena.ts';
import { at } from '../columns/at.ts';
import { DistinctRows } from '../columns/distinct_rows.ts';
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { gathered } from '../columns/gathered.ts';
import { NumberGroupIds } from '../columns/group_ids/numbers.ts';
import { type ColumnarTable, columnAt } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import { type DecodedSplit, type LinesOfFile, without } from './decode_split.ts';
import type { FileSplit } from './splits.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Rows that earlier runs have kept. */
export interface ExistingRows {
  /** Some columns, the key among them. */
  readonly rows: ColumnarTable;
  /** All columns of the same rows. */
  readonly whole: () => Promise<ColumnarTable>;
}

/** Consecutive rows of one part of a file. */
interface Run {
  /** The number of the first row, counted over all rows, and in its split. */
  readonly first: number;
  readonly firstOfSplit: number;
  readonly split: number;
  readonly path: string;
  readonly folder: string | undefined;
  /** The offsets of the lines of all rows of the split. */
  readonly lineStarts: Float64Array;
}

/** The decision on the candidate rows. */
export interface Resolved {
  /** The new ones, in all columns. */
  readonly rows: ColumnarTable;
  /** By split, the numbers of its duplicate rows, ascending. */
  readonly duplicates: ReadonlyMap<number, Int32Array>;
  readonly repeated: number;
}

/** Reads whole rows again, in the order of the lines. */
export type ReadLines = (lines: readonly LinesOfFile[]) => Promise<ColumnarTable>;

/** Lines that are read again at once. */
const linesAtOnce = 4096;

export class Deduplicator {
  private readonly keys = new NumberGroupIds();
  private readonly arena = new Arena();
  /** The key ids of the existing rows. */
  private readonly existingKeys: Int32Array;
  private readonly runs: Run[] = [];
  /** Runs of keys that are first seen in consecutive rows, as most are: the first key of each, and its row. */
  private runKeys = new Int32Array(16);
  private runRows = new Int32Array(16);
  private keyRuns = 0;
  private candidates = new Int32Array(16);
  private candidateKeys = new Int32Array(16);
  private candidateCount = 0;
  private length = 0;

  constructor(
    private readonly dataset: Pick<Dataset, 'keyColumn' | 'cleaning'>,
    private readonly existing: ExistingRows | undefined,
  ) {
    this.existingKeys = existing === undefined ? new Int32Array(0) : this.keysOf(existing.rows);
  }

  /** Takes the rows of a split, and returns those whose key is new. */
  add(
    split: number,
    parts: readonly FileSplit[],
    { rows, lineStarts, parts: read }: DecodedSplit,
  ): ColumnarTable {
    const keysBefore = this.keys.size;
    this.arena.reset();
    const keys = this.keysOf(rows, this.arena);
    const candidatesBefore = this.candidateCount;
    if (this.keys.size === keysBefore + keys.length) {
      this.startKeys(keysBefore, this.length);
    } else {
      this.addCandidates(keys, keysBefore);
    }
    let firstOfSplit = 0;
    for (const [i, { path, folder }] of parts.entries()) {
      const ofPart = at(read, i).rows;
      if (ofPart > 0) {
        this.runs.push({ first: this.length + firstOfSplit, firstOfSplit, split, path, folder, lineStarts });
      }
      firstOfSplit += ofPart;
    }
    const candidates = this.candidates
      .slice(candidatesBefore, this.candidateCount)
      .map((row) => row - this.length);
    this.length += rows.length;
    return without(rows, candidates);
  }

  /** Decides which candidate rows are duplicates. */
  async resolve(readLines: ReadLines): Promise<Resolved> {
    const distinct = new DistinctRows(this.dataset.cleaning.schema);
    const candidates = this.candidates.subarray(0, this.candidateCount);
    if (candidates.length === 0) {
      return { rows: distinct.table, duplicates: new Map(), repeated: 0 };
    }
    const isCandidate = new Uint8Array(this.keys.size);
    for (const key of this.candidateKeys.subarray(0, this.candidateCount)) {
      isCandidate[key] = 1;
    }
    if (this.existing !== undefined) {
      const rows = this.existingKeys
        .map((key, row) => (isCandidate[key] === 1 ? row : -1))
        .filter((row) => row >= 0);
      if (rows.length > 0) {
        distinct.add(gathered(await this.existing.whole(), rows));
      }
    }
    await this.readAll(this.firstRowsOf(isCandidate), readLines, (table) => distinct.add(table));
    const before = distinct.length;
    const duplicates = new Map<number, number[]>();
    let repeated = 0;
    await this.readAll(candidates, readLines, (table, from) => {
      const fresh = distinct.addNew(table);
      let next = 0;
      for (let i = 0; i < table.length; i += 1) {
        if (fresh[next] === i) {
          next += 1;
        } else {
          const row = at(candidates, from + i);
          const { split, first, firstOfSplit } = this.runOf(row);
          const ofSplit = duplicates.get(split) ?? [];
          ofSplit.push(row - first + firstOfSplit);
          duplicates.set(split, ofSplit);
          repeated += 1;
        }
      }
    });
    return {
      rows: distinct.rowsFrom(before),
      duplicates: new Map([...duplicates].map(([split, rows]) => [split, Int32Array.from(rows)])),
      repeated,
    };
  }

  private keysOf(rows: ColumnarTable, memory?: Allocator): Int32Array {
    return this.keys.intern(columnAt(rows, this.dataset.keyColumn), memory);
  }

  /** Begins a run: keys from one on are first seen in the rows from one on. */
  private startKeys(key: number, row: number): void {
    this.runKeys = ensureCapacity(this.runKeys, this.keyRuns + 1);
    this.runRows = ensureCapacity(this.runRows, this.keyRuns + 1);
    this.runKeys[this.keyRuns] = key;
    this.runRows[this.keyRuns] = row;
    this.keyRuns += 1;
  }

  /** Adds the rows whose key is not the next new one to the candidates. */
  private addCandidates(keys: Int32Array, keysBefore: number): void {
    let next = keysBefore;
    let isRun = false;
    for (let row = 0; row < keys.length; row += 1) {
      const key = keys[row] ?? 0;
      const isNew = key === next;
      if (isNew) {
        if (!isRun) {
          this.startKeys(key, this.length + row);
        }
        next += 1;
      } else {
        this.addCandidate(this.length + row, key);
      }
      isRun = isNew;
    }
  }

  /** The first row of each marked key that is in a file, ascending. */
  private firstRowsOf(marked: Uint8Array): Int32Array {
    const rows: number[] = [];
    for (let run = 0; run < this.keyRuns; run += 1) {
      const first = at(this.runKeys, run);
      const end = run + 1 < this.keyRuns ? at(this.runKeys, run + 1) : marked.length;
      for (let key = first; key < end; key += 1) {
        if (marked[key] === 1) {
          rows.push(at(this.runRows, run) + key - first);
        }
      }
    }
    return Int32Array.from(rows);
  }

  private addCandidate(row: number, key: number): void {
    this.candidates = ensureCapacity(this.candidates, this.candidateCount + 1);
    this.candidateKeys = ensureCapacity(this.candidateKeys, this.candidateCount + 1);
    this.candidates[this.candidateCount] = row;
    this.candidateKeys[this.candidateCount] = key;
    this.candidateCount += 1;
  }

  /** Reads rows, given in ascending order, again in all columns: in batches, several at once. */
  private async readAll(
    rows: Int32Array,
    readLines: ReadLines,
    onRows: (table: ColumnarTable, from: number) => void,
  ): Promise<void> {
    const starts = Array.from({ length: Math.ceil(rows.length / linesAtOnce) }, (_, i) => i * linesAtOnce);
    const reading = starts.map((from) => readLines(this.linesOf(rows.subarray(from, from + linesAtOnce))));
    // A failure is thrown where it is awaited; the others must not end the process meanwhile.
    for (const each of reading) {
      each.catch(() => {});
    }
    for (const [i, table] of reading.entries()) {
      onRows(await table, at(starts, i));
    }
  }

  /** The lines of rows, given in ascending order. */
  private linesOf(rows: Int32Array): LinesOfFile[] {
    const files: (Omit<LinesOfFile, 'starts'> & { readonly starts: number[] })[] = [];
    for (const row of rows) {
      const { first, firstOfSplit, path, folder, lineStarts } = this.runOf(row);
      const start = at(lineStarts, row - first + firstOfSplit);
      const last = files.at(-1);
      if (last !== undefined && last.path === path) {
        last.starts.push(start);
      } else {
        files.push({ path, folder, starts: [start] });
      }
    }
    return files.map(({ starts, ...file }) => ({ ...file, starts: Float64Array.from(starts) }));
  }

  private runOf(row: number): Run {
    let low = 0;
    let high = this.runs.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at(this.runs, middle).first <= row) {
        low = middle;
      } else {
        high = middle;
      }
    }
    const run = this.runs[low];
    if (run === undefined) {
      throw new RangeError(`There is no row ${row}.`);
    }
    return run;
  }
}
