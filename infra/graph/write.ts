/** Prints the graph of a stack as JSON: `tsx infra/graph/write.ts STACK`. What the preview runs of two versions. */
import { fileURLToPath } from 'node:url';
import { graphOfStack } from './stack_graph.ts';

const [, , stack] = process.argv;
if (stack === undefined) {
  process.stderr.write('usage: tsx infra/graph/write.ts STACK\n');
  process.exit(2);
}
try {
  const graph = await graphOfStack(fileURLToPath(new URL('..', import.meta.url)), stack);
  process.stdout.write(`${JSON.stringify(graph, null, 2)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
