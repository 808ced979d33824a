/**
 * Both ways at once, over the same posts: topics → sink → landing → batch, and streams → stream; and, again and again,
 * whether they have come to the same.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { BatchLake } from '../batch/lake_tables.ts';
import { type BatchResult, runBatch } from '../batch/run.ts';
import type { ColumnarTable } from '../columns/table.ts';
import { errorCode } from '../delta/error.ts';
import { readDeltaTable, tablePath } from '../delta/table.ts';
import { LandingError } from '../landing/reader.ts';
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
  /** Where the sink writes landing files, and both ways their tables. */
  readonly lake: string;
  /** Posts that were begun so far, or null while some are under way or about to be. */
  readonly postsAtRest: () => number | null;
  /** Takes what the batch way has come to. */
  readonly onBatch: (result: BatchResult) => Promise<void>;
}

/** What a look has seen. */
export interface Check {
  readonly batch: BatchResult;
  readonly comparison: Comparison;
}

/** Between two looks while posts go on; a look takes at most a tenth of the time. */
const betweenLooksMilliseconds = 10_000;

export class BothPaths {
  readonly #options: BothPathsOptions;
  #last: Check | null = null;
  /** What both ways had taken when they were last compared. */
  #seen = '';
  #wake = new AbortController();

  constructor(options: BothPathsOptions) {
    this.#options = options;
  }

  /** The last comparison, null before the first. */
  get comparison(): Comparison | null {
    return this.#last?.comparison ?? null;
  }

  /** Looks again and again until the signal is aborted. */
  async lookAgainAndAgain(signal: AbortSignal): Promise<void> {
    for (let wait = betweenLooksMilliseconds; await this.#untilNext(wait, signal); ) {
      const start = performance.now();
      await this.look();
      wait = Math.max(betweenLooksMilliseconds, 10 * (performance.now() - start));
    }
  }

  /** The next look comes at once. */
  lookSoon(): void {
    this.#wake.abort();
  }

  /**
   * Runs the batch way over what has landed since, and compares. When posts are at rest, both ways are waited for first,
   * so that the same posts are compared, row by row; else only their numbers, which costs less. One at a time.
   * @returns the last look when nothing has come since, null when nothing has landed yet
   */
  async look(): Promise<Check | null> {
    const { sink, stream, lake, datasets, queries, postsAtRest, onBatch } = this.#options;
    const atRest = postsAtRest();
    if (atRest !== null) {
      await Promise.all([sink.drain(), stream.drain()]);
    }
    const seen = JSON.stringify([sink.progress().records, stream.version, atRest]);
    if (seen === this.#seen || stream.status().state === 'replaying') {
      return this.#last;
    }
    const tables = await BatchLake.open(lake, datasets, queries);
    const batch = await runBatch({ landing: lake, datasets, queries, lake: tables }).catch(passOverEmpty);
    if (batch === null) {
      return null;
    }
    await tables.write(batch);
    const batchWay = await resultOfBatch(batch, lake, datasets, atRest !== null);
    const settled = atRest !== null && atRest === postsAtRest();
    const comparison = comparePaths(
      batchWay,
      resultOfStream(stream),
      { datasets, queries },
      { settled, now: Date.now() },
    );
    this.#last = { batch, comparison };
    this.#seen = seen;
    await onBatch(batch);
    return this.#last;
  }

  /** Waits, or less when a look is wanted soon; false when the signal is aborted. */
  async #untilNext(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    const wake = AbortSignal.any([signal, this.#wake.signal]);
    await pause(milliseconds, undefined, { signal: wake }).catch((error: unknown) => {
      if (!wake.aborted) {
        throw error;
      }
    });
    this.#wake = new AbortController();
    return !signal.aborted;
  }
}

/** What must not be taken for right at the end of a run, in words; nothing when all is well. */
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

/** Nothing may have landed yet; anything else that is wrong with the landing files is. */
function passOverEmpty(error: unknown): null {
  if (error instanceof LandingError && (error.cause === undefined || errorCode(error.cause) === 'ENOENT')) {
    return null;
  }
  throw error;
}

/** What the batch way holds is in its tables: a run reads only what is new. To count rows, their key is enough. */
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
    silver: ({ name }) => there(silver.get(name), name),
    quarantined: ({ name }) => there(quarantined.get(name), name),
    answer: (query) => there(answers.find((answer) => answer.query === query)?.table, query.name),
  };
}

function resultOfStream(stream: RunningStream): PathResult {
  const { totals } = stream.status();
  return {
    silver: (dataset) => stream.silver(dataset),
    quarantined: ({ name }) =>
      sum(
        there(
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

function there<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new RangeError(`One of the two ways has no ${name}.`);
  }
  return value;
}
