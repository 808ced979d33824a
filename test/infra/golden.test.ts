import { describe, expect, it } from 'vitest';
import { graphOfStack } from '../../infra/graph/stack_graph.ts';
import { goldenFile, infraFolder } from './stacks.ts';

// What reviewers see of a change; `npx vitest run test/infra/golden.test.ts -u` brings the files up to date.
describe('the resource graph', () => {
  it.each(['dev', 'prod'])('of %s is the one in the repo', async (stack) => {
    const graph = await graphOfStack(infraFolder, stack);
    await expect(`${JSON.stringify(graph, null, 2)}\n`).toMatchFileSnapshot(goldenFile(stack));
  });

  it('is the same however often it is made', async () => {
    const [first, second] = [await graphOfStack(infraFolder, 'dev'), await graphOfStack(infraFolder, 'dev')];
    expect(second).toEqual(first);
  });
});
