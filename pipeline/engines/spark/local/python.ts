/** Python: a process of an installed environment that runs sources, JSON in and JSON out. */

import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { endingOf, endProcess, hasEnded, spawnToLog, tailOf } from './child.ts';
import { installedPath } from './installations.ts';

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const reply = z.union([z.strictObject({ output: z.json() }), z.strictObject({ error: z.string() })]);

/** A Python process that keeps its variables from one source to the next, as a notebook does. */
export interface PythonWorker {
  /** Its own folder, removed when it stops. */
  readonly folder: string;
  /**
   * Runs a source, which reads `input` and assigns its result to `output`. Integers beyond 2^53, decimals, times and NaN
   * come back as strings, bytes as base64. Concurrent calls run one after another.
   * @throws Error with Python's traceback
   */
  run(source: string, input?: unknown): Promise<Json>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** Ends it and its children with SIGKILL; `stop` still has to remove the folder. */
  kill(): Promise<void>;
  /** The end of its output. */
  output(): string;
}

/** The options of a worker. */
export interface WorkerOptions {
  /** The name of the installed environment: `spark`, `aws` or `airflow`. */
  environment: string;
  /** Environment variables to add. */
  variables?: Readonly<Record<string, string>>;
  /** A folder made for it with `workerFolder`, which it takes over. Default: a new one. */
  folder?: string;
}

/** Makes a folder that a worker removes when it stops. */
export function workerFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `pinterest-${name}-`));
}

/** The Python program of an installed environment. */
function pythonOf(environment: string): string {
  return installedPath(environment, 'bin', 'python');
}

/** Starts a Python worker, which is ready at once: imports are up to the sources. */
export function startPython(options: WorkerOptions): PythonWorker {
  const folder = options.folder ?? workerFolder(options.environment);
  const log = join(folder, 'output.log');
  const program = fileURLToPath(new URL('./worker.py', import.meta.url));
  const variables = {
    PYTHONPYCACHEPREFIX: installedPath(options.environment, 'bytecode'),
    PYTHONUNBUFFERED: '1',
    ...options.variables,
  };
  const child = spawnToLog(
    pythonOf(options.environment),
    [program],
    { environment: variables, folder },
    log,
    true,
  );
  const ask = conversationWith(child, () => tailOf(log));

  let last: Promise<unknown> = Promise.resolve();
  function run(source: string, input: unknown = null): Promise<Json> {
    const answer = last.then(() => ask({ name: `<${options.environment}>`, source, input }));
    last = answer.catch(() => undefined);
    return answer;
  }
  async function stop(): Promise<void> {
    await endProcess(child, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
  return { folder, run, stop, kill: () => endProcess(child, 'SIGKILL'), output: () => tailOf(log) };
}

/** Runs one source in a process of its own. */
export async function runPython(options: WorkerOptions, source: string, input?: unknown): Promise<Json> {
  const worker = startPython(options);
  try {
    return await worker.run(source, input);
  } finally {
    await worker.stop();
  }
}

function conversationWith(child: ChildProcess, output: () => string): (request: unknown) => Promise<Json> {
  const replies = child.stdio[3];
  if (!child.stdin || !(replies instanceof Readable)) {
    throw new Error('the Python worker was started without pipes');
  }
  const input = child.stdin;
  // A worker that has ended is reported by its exit, not by the broken pipe.
  input.on('error', () => undefined);
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const lines = createInterface({ input: replies })[Symbol.asyncIterator]();

  return async (request) => {
    input.write(`${JSON.stringify(request)}\n`);
    const line = await lines.next();
    if (line.done) {
      if (!hasEnded(child) && !failure) {
        await new Promise((resolve) => child.once('exit', resolve));
      }
      throw new Error(`Python ended (${failure?.message ?? endingOf(child)}). Its output:\n${output()}`);
    }
    const answer = reply.parse(JSON.parse(line.value));
    if ('error' in answer) {
      throw new Error(`Python failed:\n${answer.error}`);
    }
    return answer.output;
  };
}
