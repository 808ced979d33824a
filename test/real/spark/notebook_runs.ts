/** Runs of the batch notebook that are killed, or meet, and what they leave. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { readDeltaTable } from '../../../pipeline/delta/table.ts';
import type { NotebookOutcome } from '../../../pipeline/engines/spark/local/notebook.ts';
import type { PythonWorker } from '../../../pipeline/engines/spark/local/python.ts';

/** The start of a notebook's last part, which does its work. */
export const theRun = '# MAGIC %md\n# MAGIC ## The run';

/** A notebook without its last part. */
export function definitionsOf(notebook: string): string {
  expect(notebook).toContain(theRun);
  return notebook.slice(0, notebook.lastIndexOf(theRun));
}

/** The notebook, which ends right before it says that it is done. */
export function killedAtEnd(notebook = ''): string {
  return notebook.replace('# Last: what says', 'raise RuntimeError("killed")\n$&');
}

/** The rows of a raw copy, sorted. */
export async function copyIn(lake: string, dataset: string): Promise<string[]> {
  const rows = rowsOf(await readDeltaTable(join(lake, 'bronze', dataset)));
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** The number of commits in the log of each table of a lake. */
export function commitsOf(lake: string): Record<string, number> {
  const tables = ['silver', 'quarantine', 'gold'].flatMap((layer) =>
    readdirSync(join(lake, layer)).map((name) => `${layer}/${name}`),
  );
  return Object.fromEntries(
    [...tables, 'states', 'files_read'].map((table) => [
      table,
      readdirSync(join(lake, table, '_delta_log')).filter((name) => /^\d+\.json$/.test(name)).length,
    ]),
  );
}

/** The notebook, in which two runs wait for each other right before they write to a table of pins. */
export function meeting(notebook: string): string {
  const [before, signature, body] = notebook.split(/(def write\(.*\n)/);
  expect(signature).toBeDefined();
  return `${before}${signature}    meet(path)\n${body}`;
}

/** Runs a notebook twice at once, on two threads; its output: the texts of their errors. */
export const twoAtOnce = `
import builtins, threading
barriers = {name: threading.Barrier(2) for name in input["places"]}
def meet(path):
    for name, barrier in barriers.items():
        if path.endswith(name):
            try:
                barrier.wait(60)
            except threading.BrokenBarrierError:
                pass
builtins.meet = meet
exec(input["handedIn"])
failed = []
def one():
    try:
        run_notebook(input["source"], input["widgets"])
    except Exception as error:
        failed.append(str(error))
    finally:
        # The other one would wait for a run that has ended.
        for barrier in barriers.values(): barrier.abort()
runs = [threading.Thread(target=one) for _ in range(2)]
for started in runs: started.start()
for started in runs: started.join()
output = failed
`;

/**
 * Runs the stream's notebook as its job does: again after a failure. Spark waits ten seconds for a process that runs a stream's
 * function or source (`PythonWorkerFactory`), which a busy machine may exceed.
 */
export async function asJob(
  worker: PythonWorker,
  run: () => Promise<NotebookOutcome>,
): Promise<NotebookOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === 5 || !String(error).includes('Python worker failed to connect back')) {
        throw error;
      }
      // A job's streams end with its process.
      await worker.run('for query in spark.streams.active: query.stop()');
    }
  }
}

/** Looks again and again, up to a limit that is far beyond what is needed. */
export async function waitFor(holds: () => boolean): Promise<void> {
  const limit = Date.now() + 200_000;
  while (!holds()) {
    if (Date.now() > limit) {
      expect.fail('What was waited for did not happen.');
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
