/**
 * Our batch by stage, in a process of its own and on one thread: seconds to decode the JSON (into all cleaned columns, for
 * that is one step here), to decode it and keep each row once, and to answer.
 *
 *     tsx bench/our_stages.ts LANDING
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runPlan } from '../pipeline/arquero/run_plan.ts';
import { cleanLanding } from '../pipeline/batch.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { CleanDecoder } from '../pipeline/lake/decode.ts';
import { listLandingFiles } from '../pipeline/lake/landing_reader.ts';
import { LiveAnswers } from '../pipeline/live/live_answers.ts';
import { datasetOfTopic } from '../pipeline/names.ts';
import { queries } from '../queries/index.ts';

const landing = process.argv[2] ?? '';

async function seconds<T>(work: () => T | Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [(performance.now() - start) / 1000, result];
}

async function decode(): Promise<void> {
  const decoders = new Map(datasets.map((dataset) => [dataset, new CleanDecoder(dataset)]));
  for (const { path, topic } of await listLandingFiles(landing)) {
    const dataset = datasetOfTopic(datasets, topic);
    const decoder = dataset && decoders.get(dataset);
    decoder?.decodeLines(await readFile(join(landing, path)), () => {});
    decoder?.take();
  }
}

const [read, { silver }] = await seconds(() => cleanLanding(landing, datasets));
const [answers] = await seconds(() => {
  const live = new LiveAnswers(queries, runPlan);
  for (const [name, rows] of Object.entries(silver)) live.add(name, rows);
  return queries.map((query) => live.answer(query));
});
// Last, so that it does not warm up what the others are measured with.
const [decoded] = await seconds(decode);
process.stdout.write(`${JSON.stringify({ decode: decoded, read, answers })}\n`);
