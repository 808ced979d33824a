/** Runs the notebooks, as deployed, on plain PySpark: only `spark`, `dbutils` and `display` are handed in. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { PythonWorker } from './python.ts';

const outcome = z.strictObject({
  printed: z.string(),
  shown: z.array(z.array(z.string())),
  last: z.array(z.array(z.json())),
});

/** A notebook's printed text, the columns of each table that it displayed, and the rows of the last one. */
export type NotebookOutcome = z.infer<typeof outcome>;

/** Globals passed in besides `spark`. */
export const handedIn = readFileSync(new URL('./notebook.py', import.meta.url), 'utf8');

/** Runs a notebook in a worker that has a session. Throws with Python's traceback. */
export async function runNotebook(
  worker: PythonWorker,
  source: string,
  widgets: Readonly<Record<string, string>>,
): Promise<NotebookOutcome> {
  await worker.run(handedIn);
  return outcome.parse(await worker.run('output = run_notebook(**input)', { source, widgets }));
}
