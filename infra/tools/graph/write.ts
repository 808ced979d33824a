/**
 * Prints what a version of the repo declares for a stack, as JSON: `tsx infra/tools/graph/write.ts STACK`. The preview runs
 * it of two versions, so what it prints is only ever added to.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { queries } from '../../../queries/index.ts';
import { notebookSources } from '../../derived.ts';
import { describeTables } from '../preview/described_tables.ts';
import { costsOfSettings } from '../preview/money.ts';
import { settingsOfStack } from './stack_file.ts';
import { graphOfStack } from './stack_graph.ts';

const [, , stack] = process.argv;
if (stack === undefined) {
  process.stderr.write('usage: tsx infra/tools/graph/write.ts STACK\n');
  process.exit(2);
}
try {
  const folder = fileURLToPath(new URL('../..', import.meta.url));
  const file = await readFile(join(folder, `Pulumi.${stack}.yaml`), 'utf8');
  const version = {
    ...(await graphOfStack(folder, stack)),
    spark: notebookSources(),
    tables: describeTables(datasets, queries),
    costs: costsOfSettings(settingsOfStack(file, stack)),
  };
  process.stdout.write(`${JSON.stringify(version)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
