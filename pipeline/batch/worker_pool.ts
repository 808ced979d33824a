/** Who does the tasks of a batch: threads of their own, or, where there is little to do, this one. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { type PackedTable, TableUnpacker } from '../columns/packed_table.ts';
import { type DecodedSplit, Decoders, decodeSplit, type Split } from './decode_split.ts';

export interface WorkerPool {
  /** Does a task; several at once. */
  run(task: Split): Promise<DecodedSplit>;
  /** Lets threads end, which is not waited for. */
  close(): void;
}

/** Starting threads costs as much as reading so many bytes. */
const bytesWorthThreads = 12 * 1024 * 1024;

/** The folder that the commands were built into (scripts/run.mjs); undefined where they run from source, as in tests. */
const build = process.env.PINTEREST_BUILD;

/** Hands for so many bytes of landing files. From source there are no threads: Node 20 loads TypeScript in none. */
export async function workerPoolFor(bytes: number): Promise<WorkerPool> {
  const threads = Math.min(availableParallelism(), Math.ceil(bytes / bytesWorthThreads));
  if (threads > 1 && build !== undefined) {
    const { Worker } = await import('node:worker_threads');
    const runner = new URL('../../scripts/run_thread.mjs', import.meta.url);
    const start = () => new Worker(runner, { argv: [join(build, 'worker.cjs')] });
    return new Threads(Array.from({ length: threads }, start));
  }
  const decoders = new Decoders();
  return { run: (task) => decodeSplit(task, decoders), close: () => {} };
}

/** What a thread answers. */
type Answer =
  | { readonly done: Omit<DecodedSplit, 'rows'> & { readonly rows: PackedTable } }
  | { readonly error: unknown };

interface Waiting {
  readonly task: Split;
  readonly resolve: (done: DecodedSplit) => void;
  readonly reject: (error: unknown) => void;
}

/** Tasks that a thread has at once: the next one is there when one is done. */
const tasksOfThread = 2;

class Threads implements WorkerPool {
  private readonly threads: readonly { readonly worker: Worker; readonly doing: Waiting[] }[];
  private readonly waiting: Waiting[] = [];
  /** What hands on the answers that have come. */
  private readonly answered: (() => void)[] = [];
  private failure: unknown;

  constructor(workers: readonly Worker[]) {
    this.threads = workers.map((worker) => {
      const thread = { worker, doing: [] as Waiting[] };
      const tables = new TableUnpacker();
      thread.worker.on('message', (answer: Answer) => {
        const { resolve, reject } = thread.doing.shift() ?? never();
        this.next();
        this.handOn(() => {
          try {
            if ('error' in answer) throw answer.error;
            resolve({ ...answer.done, rows: tables.unpack(answer.done.rows) });
          } catch (error) {
            reject(error);
          }
        });
      });
      thread.worker.on('error', (error) => this.fail(error));
      return thread;
    });
  }

  run(task: Split): Promise<DecodedSplit> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      this.next();
    });
  }

  close(): void {
    for (const { worker, doing } of this.threads) {
      // One that ends by itself keeps the code that V8 has made.
      if (doing.length > 0 || this.failure !== undefined) void worker.terminate();
      else worker.postMessage(undefined);
    }
  }

  /** Hands on an answer at a time: what is made of it takes a while, and other threads may be waiting for their next task. */
  private handOn(answer: () => void): void {
    this.answered.push(answer);
    if (this.answered.length > 1) return;
    const handOnNext = () => {
      this.answered[0]?.();
      this.answered.shift();
      if (this.answered.length > 0) setImmediate(handOnNext);
    };
    setImmediate(handOnNext);
  }

  private next(): void {
    if (this.failure !== undefined) {
      for (const { reject } of this.waiting.splice(0)) reject(this.failure);
      return;
    }
    for (let most = 0; most < tasksOfThread; most += 1) {
      for (const { worker, doing } of this.threads) {
        const next = doing.length === most ? this.waiting.shift() : undefined;
        if (next !== undefined) {
          doing.push(next);
          worker.postMessage(next.task);
        }
      }
    }
  }

  /** A thread has died: nothing that it had will be done. */
  private fail(error: unknown): void {
    this.failure = error;
    for (const { doing } of this.threads) {
      for (const { reject } of doing.splice(0)) reject(error);
    }
    this.next();
  }
}

function never(): never {
  throw new Error('A thread has answered what it was not asked.');
}
