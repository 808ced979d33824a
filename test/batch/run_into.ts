import { type Batch, type BatchResult, runBatch } from '../../pipeline/batch/run.ts';
import { datasets as all } from '../../pipeline/datasets/index.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { queries } from '../../queries/index.ts';

/** Reads what is new in a landing folder into a lake, as `npm run batch --lake` does. */
export async function runInto(
  lake: string,
  landing: string,
  {
    datasets = all,
    ...observers
  }: { datasets?: readonly Dataset[] } & Pick<Batch, 'bronze' | 'onProgress' | 'onAnswers' | 'onTable'> = {},
): Promise<BatchResult> {
  return runBatch({ landing, datasets, queries: datasets === all ? queries : [], lake, ...observers });
}
