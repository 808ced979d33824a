import { describe, expect, it } from 'vitest';
import { graphOfStack } from '../../infra/tools/graph/stack_graph.ts';
import { goldenFile, infraFolder } from './stacks.ts';

// The files that reviewers see of a change; `npx vitest run test/infra/golden.test.ts -u` brings the files up to date.
describe('the resource graph', () => {
  it.each(['dev', 'mount', 'prod'])('of %s is the one in the repo', async (stack) => {
    const { nodes, ...graph } = await graphOfStack(infraFolder, stack);
    // The notebooks have golden files of their own: here their digests would change with every word in them.
    const reviewed = nodes.map((node) =>
      node.type === 'databricks:index/notebook:Notebook'
        ? { ...node, inputs: { ...node.inputs, contentBase64: 'as npm run notebooks writes it' } }
        : node,
    );
    const text = JSON.stringify({ ...graph, nodes: reviewed }, null, 2);
    await expect(`${text}\n`).toMatchFileSnapshot(goldenFile(stack));
  });

  it('is the same however often it is made', async () => {
    const [first, second] = [await graphOfStack(infraFolder, 'dev'), await graphOfStack(infraFolder, 'dev')];
    expect(second).toEqual(first);
  });
});
