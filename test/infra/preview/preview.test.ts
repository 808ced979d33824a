import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProviderTypes } from '../../../infra/tools/graph/provider_types.ts';
import type { Graph, GraphNode } from '../../../infra/tools/graph/record.ts';
import { differenceOf } from '../../../infra/tools/preview/difference.ts';
import { sparkChanges } from '../../../infra/tools/preview/spark_code.ts';
import { treeOf, withTree } from '../../../infra/tools/preview/version.ts';
import { testFolder } from '../../support/folder.ts';
import { graphOf } from '../stacks.ts';

const types = new ProviderTypes();

function node(type: string, name: string, given: Partial<GraphNode> = {}): GraphNode {
  return { type, name, component: false, inputs: {}, options: {}, dependsOn: [], ...given };
}
function graph(...nodes: GraphNode[]): Graph {
  return { stack: 'test', nodes, outputs: {} };
}

const stream = 'aws:kinesis/stream:Stream';
const cluster = 'aws:msk/cluster:Cluster';

describe('the difference of two graphs', () => {
  it('is what came, went and changed, by type and name', () => {
    const before = graph(
      node(stream, 'kept'),
      node(stream, 'gone'),
      node(stream, 'other', { inputs: { shardCount: 1 } }),
    );
    const after = graph(
      node(stream, 'kept'),
      node(stream, 'new'),
      node(stream, 'other', { inputs: { shardCount: 2 } }),
    );
    const { created, deleted, changed, unchanged } = differenceOf(before, after, types);
    expect(created.map(({ name }) => name)).toEqual(['new']);
    expect(deleted.map(({ name }) => name)).toEqual(['gone']);
    expect(unchanged).toBe(1);
    expect(changed).toEqual([
      {
        node: after.nodes[2],
        replaced: false,
        properties: [{ path: 'shardCount', before: 1, after: 2, replaces: false }],
      },
    ]);
  });

  it('goes into policies, and says what replaces', () => {
    const policy = (action: string) => ({ policy: { json: { Statement: [{ Action: [action] }] } } });
    const before = graph(
      node('aws:iam/rolePolicy:RolePolicy', 'role', { inputs: policy('s3:GetObject') }),
      node(cluster, 'kafka', { inputs: { clusterName: 'a', kafkaVersion: '3.8.x' } }),
    );
    const after = graph(
      node('aws:iam/rolePolicy:RolePolicy', 'role', { inputs: policy('s3:PutObject') }),
      node(cluster, 'kafka', { inputs: { clusterName: 'b', kafkaVersion: '3.9.x' } }),
    );
    expect(
      differenceOf(before, after, types).changed.map(({ properties, replaced }) => ({
        properties,
        replaced,
      })),
    ).toEqual([
      {
        replaced: false,
        properties: [
          {
            path: 'policy.json.Statement.0.Action.0',
            before: 's3:GetObject',
            after: 's3:PutObject',
            replaces: false,
          },
        ],
      },
      {
        replaced: true,
        properties: [
          { path: 'clusterName', before: 'a', after: 'b', replaces: true },
          { path: 'kafkaVersion', before: '3.8.x', after: '3.9.x', replaces: false },
        ],
      },
    ]);
  });

  it('leaves out what the engine is told to ignore, and shows options', () => {
    const at = (volumeSize: number, options: GraphNode['options']) =>
      graph(node(cluster, 'kafka', { inputs: { storage: { volumeSize } }, options }));
    const ignoring = { ignoreChanges: ['storage.volumeSize'] };
    expect(differenceOf(at(1, ignoring), at(2, ignoring), types).changed).toEqual([]);
    const [change] = differenceOf(at(1, {}), at(1, { protect: true }), types).changed;
    expect(change?.properties).toEqual([
      { path: '(option) protect', before: undefined, after: true, replaces: false },
    ]);
  });

  it('compares items of lists by what they are, not by where they stand', () => {
    const at = (...zones: unknown[]) => graph(node(cluster, 'kafka', { inputs: { zones } }));
    const changes = (before: Graph, after: Graph) =>
      differenceOf(before, after, types).changed.flatMap(({ properties }) =>
        properties.map(({ path, before, after }) => [path, before, after]),
      );
    expect(changes(at('b', 'c'), at('a', 'b', 'c'))).toEqual([['zones.0', undefined, 'a']]);
    expect(changes(at({ id: 1, to: 2 }, { id: 2 }), at({ id: 2 }, { id: 1, to: 3 }))).toEqual([
      ['zones.1.to', 2, 3],
    ]);
    expect(changes(at('a', 'b'), at('b', 'a'))).toEqual([['zones (order)', ['a', 'b'], ['b', 'a']]]);
    expect(changes(at('a'), at())).toEqual([['zones.0', 'a', undefined]]);
  });

  it('replaces everything that a replaced provider has made', () => {
    const aws = (region: string) =>
      graph(
        node('pulumi:providers:aws', 'aws', { inputs: { region } }),
        node(stream, 'first', { options: { provider: 'pulumi:providers:aws aws' } }),
        node(stream, 'elsewhere', { options: { provider: 'pulumi:providers:aws other' } }),
      );
    const { changed, unchanged } = differenceOf(aws('eu-west-1'), aws('eu-central-1'), types);
    expect(changed.map(({ node, replaced }) => [node.name, replaced])).toEqual([
      ['aws', true],
      ['first', true],
    ]);
    expect(changed[1]?.properties[0]?.path).toBe('(provider) region');
    expect(unchanged).toBe(1);
  });

  it('between dev and dev paused is what pausing takes away', async () => {
    const { created, deleted } = differenceOf(
      await graphOf('dev'),
      await graphOf('dev', { paused: true }),
      types,
    );
    expect(created).toEqual([]);
    const gone = deleted.map(({ type }) => type);
    expect(gone).toContain('aws:mskconnect/connector:Connector');
    expect(gone).toContain('aws:ec2/natGateway:NatGateway');
    expect(gone).not.toContain(cluster);
  });
});

describe('Spark code', () => {
  it('is shown as git shows it, for the notebooks that changed', async () => {
    const changes = await sparkChanges(
      { a: 'x\ny\n', b: 'same\n', gone: 'z\n' },
      { a: 'x\nY\n', b: 'same\n', made: 'n\n' },
    );
    expect(changes.map(({ file }) => file)).toEqual(['a.py', 'gone.py', 'made.py']);
    expect(changes[0]?.diff).toBe('@@ -1,2 +1,2 @@\n x\n-y\n+Y\n');
    expect(changes[1]?.diff).toBe('@@ -1 +0,0 @@\n-z\n');
  });
});

describe('a git ref', () => {
  const repository = testFolder('git');
  const git = (...parameters: string[]) =>
    execFileSync('git', parameters, { cwd: repository, stdio: 'pipe' });
  beforeEach(() => {
    git('init', '-q');
    writeFileSync(join(repository, 'file'), 'first\n');
    git('add', 'file');
    git('-c', 'user.name=x', '-c', 'user.email=x@example.com', 'commit', '-q', '-m', 'first');
    writeFileSync(join(repository, 'file'), 'second\n');
    symlinkSync(join(repository, 'file'), join(repository, 'node_modules'));
  });

  it('is laid out as it was committed, and nothing stays behind', async () => {
    const tree = await treeOf(repository, 'HEAD');
    const seen = await withTree(repository, tree, async (folder) => ({
      folder,
      text: execFileSync('cat', ['file'], { cwd: folder, encoding: 'utf8' }),
    }));
    expect(seen.text).toBe('first\n');
    expect(() => execFileSync('ls', [seen.folder], { stdio: 'pipe' })).toThrow();
  });

  it('that git does not know is said', async () => {
    await expect(treeOf(repository, 'nowhere')).rejects.toThrow('git knows no "nowhere"');
  });
});
