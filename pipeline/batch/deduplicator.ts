/**
 * Which rows of landing files are new. A row whose key was not seen before is; one whose key was, is compared in every
 * column with those of the same key, and for this the lines of both are read again. So the columns that no answer needs are
 * not held in memory, and repeats, which are few, pay for being found out.
 */

import type { Allocator } from '../columns/allocator.ts';
import { Arena } from '../columns/arena.ts';
import { DistinctRows } from '../columns/distinct_rows.ts';
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { NumberGroupIds } from '../columns/group_ids/numbers.ts';
import { type ColumnarTable, columnAt } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import { type DecodedSplit, gathered, type LinesOfFile, without } from './decode_split.ts';
import type { FileSplit } from './splits.ts';

/** Rows that were kept before. */
export interface ExistingRows {
  /** Some columns, the key among them. */
  readonly rows: ColumnarTable;
  /** All columns of the same rows. */
  readonly whole: () => Promise<ColumnarTable>;
}

/** Rows that came of one part of a file, one after the other. */
interface Run {
  /** The place of the first of them among all rows, and among those of its task. */
  readonly first: number;
  readonly firstOfTask: number;
  readonly task: number;
  readonly path: string;
  /** Of all rows of the task. */
  readonly lineStarts: Float64Array;
}

/** What became of the rows that were held back. */
export interface Resolved {
  /** Those that are new after all, in all columns. */
  readonly rows: ColumnarTable;
  /** Those that are repeats: by task, the rows among the task's, ascending. */
  readonly duplicates: ReadonlyMap<number, Int32Array>;
  readonly repeated: number;
}

/** Reads whole rows again, in the order of the lines. */
export type ReadLines = (lines: readonly LinesOfFile[]) => Promise<ColumnarTable>;

/** Lines that are read again at once. */
const linesAtOnce = 4096;

export class Deduplicator {
  private readonly keys = new NumberGroupIds();
  private readonly scratch = new Arena();
  private readonly knownCodes: Int32Array;
  private readonly runs: Run[] = [];
  /** Runs of keys that came first in rows one after the other, as most do: the first key of each, and its row. */
  private runKeys = new Int32Array(16);
  private runRows = new Int32Array(16);
  private keyRuns = 0;
  private candidates = new Int32Array(16);
  private candidateKeys = new Int32Array(16);
  private candidateCount = 0;
  private length = 0;

  constructor(
    private readonly dataset: Pick<Dataset, 'keyColumn' | 'cleaning'>,
    private readonly known: ExistingRows | undefined,
  ) {
    this.knownCodes = known === undefined ? new Int32Array(0) : this.codesOf(known.rows);
  }

  /** Takes the rows of a task, and gives those of them whose key is new. */
  add(
    task: number,
    parts: readonly FileSplit[],
    { rows, lineStarts, parts: read }: DecodedSplit,
  ): ColumnarTable {
    const knownKeys = this.keys.size;
    this.scratch.reset();
    const codes = this.codesOf(rows, this.scratch);
    const heldBefore = this.candidateCount;
    if (this.keys.size === knownKeys + codes.length) {
      this.startKeys(knownKeys, this.length);
    } else {
      this.addCandidates(codes, knownKeys);
    }
    let firstOfTask = 0;
    for (const [i, { path }] of parts.entries()) {
      const ofPart = read[i]?.rows ?? 0;
      if (ofPart > 0)
        this.runs.push({ first: this.length + firstOfTask, firstOfTask, task, path, lineStarts });
      firstOfTask += ofPart;
    }
    const heldNow = this.candidates.slice(heldBefore, this.candidateCount).map((row) => row - this.length);
    this.length += rows.length;
    return without(rows, heldNow);
  }

  /** Finds out which of the rows that were held back are repeats. */
  async resolve(readLines: ReadLines): Promise<Resolved> {
    const distinct = new DistinctRows(this.dataset.cleaning.schema);
    const held = this.candidates.subarray(0, this.candidateCount);
    if (held.length === 0) {
      return { rows: distinct.table, duplicates: new Map(), repeated: 0 };
    }
    const asked = new Uint8Array(this.keys.size);
    for (const key of this.candidateKeys.subarray(0, this.candidateCount)) asked[key] = 1;
    if (this.known !== undefined) {
      const rows = this.knownCodes
        .map((code, row) => (asked[code] === 1 ? row : -1))
        .filter((row) => row >= 0);
      if (rows.length > 0) distinct.add(gathered(await this.known.whole(), rows));
    }
    await this.readAll(this.firstRowsOf(asked), readLines, (table) => distinct.add(table));
    const before = distinct.length;
    const repeats = new Map<number, number[]>();
    let repeated = 0;
    await this.readAll(held, readLines, (table, from) => {
      const fresh = distinct.addNew(table);
      let next = 0;
      for (let i = 0; i < table.length; i += 1) {
        if (fresh[next] === i) {
          next += 1;
        } else {
          const row = held[from + i] ?? 0;
          const { task, first, firstOfTask } = this.runOf(row);
          const ofTask = repeats.get(task) ?? [];
          ofTask.push(row - first + firstOfTask);
          repeats.set(task, ofTask);
          repeated += 1;
        }
      }
    });
    return {
      rows: distinct.rowsFrom(before),
      duplicates: new Map([...repeats].map(([task, rows]) => [task, Int32Array.from(rows)])),
      repeated,
    };
  }

  private codesOf(rows: ColumnarTable, memory?: Allocator): Int32Array {
    return this.keys.intern(columnAt(rows, this.dataset.keyColumn), memory);
  }

  /** Keys from one on are first in the rows from one on. */
  private startKeys(key: number, row: number): void {
    this.runKeys = ensureCapacity(this.runKeys, this.keyRuns + 1);
    this.runRows = ensureCapacity(this.runRows, this.keyRuns + 1);
    this.runKeys[this.keyRuns] = key;
    this.runRows[this.keyRuns] = row;
    this.keyRuns += 1;
  }

  /** Holds back the rows whose key is not the next new one. */
  private addCandidates(keys: Int32Array, knownKeys: number): void {
    let next = knownKeys;
    let isRun = false;
    for (let row = 0; row < keys.length; row += 1) {
      const key = keys[row] ?? 0;
      const isNew = key === next;
      if (isNew) {
        if (!isRun) this.startKeys(key, this.length + row);
        next += 1;
      } else {
        this.addCandidate(this.length + row, key);
      }
      isRun = isNew;
    }
  }

  /** The first row of each key that is marked and came in a file, ascending. */
  private firstRowsOf(marked: Uint8Array): Int32Array {
    const rows: number[] = [];
    for (let run = 0; run < this.keyRuns; run += 1) {
      const first = this.runKeys[run] ?? 0;
      const end = run + 1 < this.keyRuns ? (this.runKeys[run + 1] ?? 0) : marked.length;
      for (let key = first; key < end; key += 1) {
        if (marked[key] === 1) rows.push((this.runRows[run] ?? 0) + key - first);
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

  /** Reads the whole of rows again, which are given in ascending order; some at a time, several times at once. */
  private async readAll(
    rows: Int32Array,
    readLines: ReadLines,
    onRows: (table: ColumnarTable, from: number) => void,
  ): Promise<void> {
    const starts = Array.from({ length: Math.ceil(rows.length / linesAtOnce) }, (_, i) => i * linesAtOnce);
    const reading = starts.map((from) => readLines(this.linesOf(rows.subarray(from, from + linesAtOnce))));
    // A failure is thrown where it is waited for; the others are not to end the process meanwhile.
    for (const each of reading) each.catch(() => {});
    for (const [i, table] of reading.entries()) onRows(await table, starts[i] ?? 0);
  }

  /** Where rows, given in ascending order, lie in their files. */
  private linesOf(rows: Int32Array): LinesOfFile[] {
    const files: { path: string; starts: number[] }[] = [];
    for (const row of rows) {
      const { first, firstOfTask, path, lineStarts } = this.runOf(row);
      const start = lineStarts[row - first + firstOfTask] ?? 0;
      const last = files.at(-1);
      if (last !== undefined && last.path === path) last.starts.push(start);
      else files.push({ path, starts: [start] });
    }
    return files.map(({ path, starts }) => ({ path, starts: Float64Array.from(starts) }));
  }

  private runOf(row: number): Run {
    let low = 0;
    let high = this.runs.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.runs[middle]?.first ?? 0) <= row) low = middle;
      else high = middle;
    }
    const run = this.runs[low];
    if (run === undefined) throw new RangeError(`There is no row ${row}.`);
    return run;
  }
}
