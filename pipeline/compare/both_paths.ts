/**
 * Runs both paths over the same posts, topics → sink → landing → batch and streams → stream, and compares their results
 * repeatedly.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type BatchResult, runBatch } from '../batch/run.ts';
import type { ColumnarTable } from '../columns/table.ts';
import { readDeltaTable, tablePath } from '../delta/table.ts';
import { NoLandingFilesError } from '../landing/reader.ts';
import type { Sink } from '../landing/sink.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import type { RunningStream } from '../stream/run.ts';
import { type Comparison, comparePaths, type PathResult } from './comparison.ts';

export interface BothPathsOptions {
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  readonly sink: Sink;
  readonly stream: RunningStream;
  /** The lake of the sink's landing files and of both paths' tables. */
  readonly lake: string;
  /** The number of posts begun so far, or null while some are being sent or about to be. */
  readonly postsAtRest: () => number | null;
  /** Takes the result of the batch path. */
  readonly onBatch: (result: BatchResult) => Promise<void>;
}

/** The result of a check. */
export interface Check {
  readonly batch: BatchResult;
  readonly comparison: Comparison;
}

/** The least time between two checks while posts go on; checks take at most a tenth of the time. */
const checkMilliseconds = 10_000;

export class BothPaths {
  private last: Check | null = null;
  /** The progress of both paths when they were last compared. */
  private progress = '';
  private wake = new AbortController();

  constructor(private readonly options: BothPathsOptions) {}

  /** The last comparison, null before the first. */
  get comparison(): Comparison | null {
    return this.last?.comparison ?? null;
  }

  /** Checks repeatedly until the signal is aborted. */
  async checkRepeatedly(signal: AbortSignal): Promise<void> {
    for (let wait = checkMilliseconds; await this.untilNext(wait, signal); ) {
      const start = performance.now();
      await this.check();
      wait = Math.max(checkMilliseconds, 10 * (performance.now() - start));
    }
  }

  /** Lets the next check begin at once. */
  checkSoon(): void {
    this.wake.abort();
  }

  /**
   * Runs the batch path over what has landed since, and compares. When posts are at rest, both paths are drained first, so
   * that the same posts are compared, row by row; else only their numbers, which costs less. One at a time.
   * @returns the last check when nothing has arrived since, null when nothing has landed yet
   */
  async check(): Promise<Check | null> {
    const { sink, stream, lake, datasets, queries, postsAtRest, onBatch } = this.options;
    const atRest = postsAtRest();
    if (atRest !== null) {
      await Promise.all([sink.drain(), stream.drain()]);
    }
    const progress = JSON.stringify([sink.progress().records, stream.version, atRest]);
    if (progress === this.progress || stream.status().state === 'replaying') {
      return this.last;
    }
    const batch = await runBatch({ landing: lake, datasets, queries, lake }).catch(nullIfNothingLanded);
    if (batch === null) {
      return null;
    }
    const batchPath = await resultOfBatch(batch, lake, datasets, atRest !== null);
    const settled = atRest !== null && atRest === postsAtRest();
    const comparison = comparePaths(
      batchPath,
      resultOfStream(stream),
      { datasets, queries },
      { settled, now: Date.now() },
    );
    this.last = { batch, comparison };
    this.progress = progress;
    await onBatch(batch);
    return this.last;
  }

  /** Waits, until `checkSoon` at most; false when the signal is aborted. */
  private async untilNext(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    const wake = AbortSignal.any([signal, this.wake.signal]);
    await pause(milliseconds, undefined, { signal: wake }).catch((error: unknown) => {
      if (!wake.aborted) {
        throw error;
      }
    });
    this.wake = new AbortController();
    return !signal.aborted;
  }
}

/** The problems to report at the end of a run; none when all is well. */
export function problemsOf({ batch, comparison }: Check, unsentPosts: number): readonly string[] {
  const { unreadable } = batch.landing;
  const different = comparison.parts.filter(({ same }) => !same).map(({ what }) => what);
  return [
    ...(unsentPosts > 0
      ? [`${unsentPosts} posts were not taken by the HTTP API; the answers are without them.`]
      : []),
    ...(unreadable.length > 0
      ? [`${unreadable.length} landing files could not be read to their end; see the warnings above.`]
      : []),
    ...(different.length > 0
      ? [
          `Batch and stream differ in ${different.join(', ')}. They are the same unless somebody has posted to topics or to streams alone, or one of them has a fault.`,
        ]
      : []),
  ];
}

function nullIfNothingLanded(error: unknown): null {
  if (error instanceof NoLandingFilesError) {
    return null;
  }
  throw error;
}

/** Reads the result of the batch path from its tables, for a run reads only what is new. One column is enough to count rows. */
async function resultOfBatch(
  { answers }: BatchResult,
  lake: string,
  datasets: readonly Dataset[],
  rowByRow: boolean,
): Promise<PathResult> {
  const silver = new Map<string, ColumnarTable>();
  const quarantined = new Map<string, number>();
  for (const { name, cleaning } of datasets) {
    const columns = Object.keys(cleaning.schema);
    const wanted = rowByRow ? columns : columns.slice(0, 1);
    silver.set(name, await readDeltaTable(tablePath(lake, 'silver', name), { columns: wanted }));
    quarantined.set(
      name,
      (await readDeltaTable(tablePath(lake, 'quarantine', name), { columns: ['reason'] })).length,
    );
  }
  return {
    silver: ({ name }) => required(silver.get(name), name),
    quarantined: ({ name }) => required(quarantined.get(name), name),
    answer: (query) => required(answers.find((answer) => answer.query === query)?.table, query.name),
  };
}

function resultOfStream(stream: RunningStream): PathResult {
  const { totals } = stream.status();
  return {
    silver: (dataset) => stream.silver(dataset),
    quarantined: ({ name }) =>
      sum(
        required(
          totals.find((dataset) => dataset.name === name),
          name,
        ).quarantined,
      ),
    answer: (query) => stream.answer(query),
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new RangeError(`One of the two paths has no ${name}.`);
  }
  return value;
}
