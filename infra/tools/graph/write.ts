/**
 * Prints what a version of the repo declares for a stack, as JSON: `tsx infra/tools/graph/write.ts STACK`. The preview runs
 * it of two versions, so what it prints is only ever added to.
 */
import { fileURLToPath } from 'node:url';
import { declarations } from '../preview/declarations.ts';

const [, , stack] = process.argv;
if (stack === undefined) {
  process.stderr.write('usage: tsx infra/tools/graph/write.ts STACK\n');
  process.exit(2);
}
try {
  const folder = fileURLToPath(new URL('../..', import.meta.url));
  const version = await declarations(folder, stack);
  process.stdout.write(`${JSON.stringify(version)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
