/** Decodes the splits of a batch in worker threads or, where there is little to do, in this one. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { type PackedTable, TableUnpacker } from '../columns/packed_table.ts';
import { type DecodedSplit, Decoders, decodeSplit, type Split } from './decode_split.ts';

export interface WorkerPool {
  /** Decodes a split; several at once. */
  run(split: Split): Promise<DecodedSplit>;
  /** Lets threads end, without waiting for them. */
  close(): void;
}

/** Starting threads costs as much as reading so many bytes. */
const bytesWorthThreads = 12 * 1024 * 1024;

/** The folder that the commands were built into (scripts/run.mjs); undefined where they run from source, as in tests. */
const build = process.env.PINTEREST_BUILD;

/** Makes a pool for so many bytes of landing files. From source it has no threads: Node 20 loads TypeScript in none. */
export async function workerPoolFor(bytes: number): Promise<WorkerPool> {
  const threads = Math.min(availableParallelism(), Math.ceil(bytes / bytesWorthThreads));
  if (threads > 1 && build !== undefined) {
    const { Worker } = await import('node:worker_threads');
    const runner = new URL('../../scripts/run_thread.mjs', import.meta.url);
    const start = () => new Worker(runner, { argv: [join(build, 'worker.cjs')] });
    return new ThreadPool(Array.from({ length: threads }, start));
  }
  return new OwnThread();
}

/** Splits that a thread has at once: the next one has arrived when one is done. */
const splitsOfThread = 2;

/** This thread. Not all splits at once: those of S3 are fetched into memory. */
class OwnThread implements WorkerPool {
  private readonly decoders = new Decoders();
  private readonly running = Array.from({ length: splitsOfThread }, () =>
    Promise.resolve<unknown>(undefined),
  );
  private next = 0;

  run(split: Split): Promise<DecodedSplit> {
    const slot = this.next++ % splitsOfThread;
    const decoded = Promise.resolve(this.running[slot]).then(() => decodeSplit(split, this.decoders));
    this.running[slot] = decoded.catch(() => undefined);
    return decoded;
  }

  close(): void {}
}

/** The answer of a thread. */
type Answer =
  | { readonly done: Omit<DecodedSplit, 'rows'> & { readonly rows: PackedTable } }
  | { readonly error: unknown };

interface Waiting {
  readonly split: Split;
  readonly resolve: (done: DecodedSplit) => void;
  readonly reject: (error: unknown) => void;
}

class ThreadPool implements WorkerPool {
  private readonly threads: readonly { readonly worker: Worker; readonly running: Waiting[] }[];
  private readonly waiting: Waiting[] = [];
  /** Delivers the answers that have arrived. */
  private readonly answered: (() => void)[] = [];
  private failure: unknown;

  constructor(workers: readonly Worker[]) {
    this.threads = workers.map((worker) => {
      const thread = { worker, running: [] as Waiting[] };
      const tables = new TableUnpacker();
      thread.worker.on('message', (answer: Answer) => {
        const { resolve, reject } = thread.running.shift() ?? unexpected();
        this.sendNext();
        this.deliver(() => {
          try {
            if ('error' in answer) {
              throw answer.error;
            }
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

  run(split: Split): Promise<DecodedSplit> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ split, resolve, reject });
      this.sendNext();
    });
  }

  close(): void {
    for (const { worker, running } of this.threads) {
      // A thread that ends by itself keeps the code that V8 has compiled.
      if (running.length > 0 || this.failure !== undefined) {
        void worker.terminate();
      } else {
        worker.postMessage(undefined);
      }
    }
  }

  /** Delivers one answer at a time: using it takes a while, and other threads may be waiting for their next split. */
  private deliver(answer: () => void): void {
    this.answered.push(answer);
    if (this.answered.length > 1) {
      return;
    }
    const deliverNext = () => {
      this.answered[0]?.();
      this.answered.shift();
      if (this.answered.length > 0) {
        setImmediate(deliverNext);
      }
    };
    setImmediate(deliverNext);
  }

  private sendNext(): void {
    if (this.failure !== undefined) {
      for (const { reject } of this.waiting.splice(0)) {
        reject(this.failure);
      }
      return;
    }
    for (let length = 0; length < splitsOfThread; length += 1) {
      for (const { worker, running } of this.threads) {
        const next = running.length === length ? this.waiting.shift() : undefined;
        if (next !== undefined) {
          running.push(next);
          worker.postMessage(next.split);
        }
      }
    }
  }

  /** Rejects all splits: a thread has died. */
  private fail(error: unknown): void {
    this.failure = error;
    for (const { running } of this.threads) {
      for (const { reject } of running.splice(0)) {
        reject(error);
      }
    }
    this.sendNext();
  }
}

function unexpected(): never {
  throw new Error('A thread has sent an answer without a split.');
}
