/** The order of test files: those that take longest come first, so that all workers come to their end together. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of more than a minute on two cores, the longest first. A clean checkout knows no times, and goes by the sizes of files. */
const longest = [
  'real/spark/batch_increments',
  'real/spark/batch_notebook',
  'real/infra/engine',
  'real/spark/streaming_notebook',
  'real/spark/states',
  'real/spark/connect',
  'real/spark/parity',
  'real/spark/cases_on_spark',
  'real/questions',
  'docs/tutorial',
  'stream/erasures',
  'stream/crash',
  'commands/start',
].map((name) => `/test/${name}.test.ts`);

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // Stable: the others stay in their order. Vitest puts groups of projects apart afterwards.
    return sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = longest.findIndex((end) => moduleId.endsWith(end));
  return rank < 0 ? longest.length : rank;
}
