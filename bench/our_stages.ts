/**
 * The stages of our batch, in a process of its own: seconds to decode the JSON (into all cleaned columns, because that is
 * one step), to decode it into distinct rows, and to answer. The threads that decode are those of a build of `batch`.
 *
 *     PINTEREST_BUILD=… tsx bench/our_stages.ts LANDING
 */
import { performance } from 'node:perf_hooks';
import { findLanding } from '../pipeline/batch/clean_landing.ts';
import { splitDataset } from '../pipeline/batch/decode_split.ts';
import { cleanLanding } from '../pipeline/batch/run.ts';
import { splitsOf } from '../pipeline/batch/splits.ts';
import { workerPoolFor } from '../pipeline/batch/worker_pool.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { runPlan } from '../pipeline/engines/arquero/run_plan.ts';
import { LiveAnswers } from '../pipeline/engines/incremental/live_answers.ts';
import { queries } from '../queries/index.ts';

const landing = process.argv[2] ?? '';

async function seconds<T>(work: () => T | Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [(performance.now() - start) / 1000, result];
}

async function decode(): Promise<void> {
  const { files } = await findLanding(landing, datasets);
  const bytes = [...files.values()].flat().reduce((sum, { size }) => sum + size, 0);
  const pool = await workerPoolFor(bytes);
  const decoding = [...files].flatMap(([dataset, ofDataset]) => {
    const columns = Object.keys(dataset.cleaning.schema);
    return splitsOf(ofDataset).map((parts) =>
      pool.run({
        kind: 'decode',
        dataset: splitDataset(dataset),
        landing,
        parts,
        erased: new Map(),
        columns,
      }),
    );
  });
  await Promise.all(decoding);
  pool.close();
}

const [read, { silver }] = await seconds(() => cleanLanding(landing, datasets));
const [answers] = await seconds(() => {
  const live = new LiveAnswers(queries, runPlan);
  for (const [name, rows] of Object.entries(silver)) {
    live.add(name, rows);
  }
  return queries.map((query) => live.answer(query));
});
// Runs last, so that it does not warm up the code of the others.
const [decoded] = await seconds(decode);
process.stdout.write(`${JSON.stringify({ decode: decoded, read, answers })}\n`);
