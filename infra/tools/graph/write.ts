/**
 * Prints what a version of the repo declares for a stack, as JSON: `tsx infra/tools/graph/write.ts STACK`. The preview runs
 * it of two versions, so what it prints is only ever added to.
 */
import { fileURLToPath } from 'node:url';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { queries } from '../../../queries/index.ts';
import { notebookSources } from '../../derived.ts';
import { describeTables } from '../preview/described_tables.ts';
import { graphOfStack } from './stack_graph.ts';

const [, , stack] = process.argv;
if (stack === undefined) {
  process.stderr.write('usage: tsx infra/tools/graph/write.ts STACK\n');
  process.exit(2);
}
try {
  const graph = await graphOfStack(fileURLToPath(new URL('../..', import.meta.url)), stack);
  const version = { ...graph, spark: notebookSources(), tables: describeTables(datasets, queries) };
  process.stdout.write(`${JSON.stringify(version)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
