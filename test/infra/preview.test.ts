import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProviderTypes } from '../../infra/tools/graph/provider_types.ts';
import type { Graph, GraphNode } from '../../infra/tools/graph/record.ts';
import { differenceOf } from '../../infra/tools/preview/difference.ts';
import { markdown } from '../../infra/tools/preview/markdown.ts';
import { picture } from '../../infra/tools/preview/picture.ts';
import { sparkChanges } from '../../infra/tools/preview/spark_code.ts';
import { withRef } from '../../infra/tools/preview/version.ts';
import { testFolder } from '../support/folder.ts';
import { graphOf } from './stacks.ts';

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

describe('the Markdown', () => {
  const cloud = differenceOf(
    graph(
      node(cluster, 'kafka', {
        inputs: { clusterName: 'a|b', kafkaVersion: '<x>' },
        options: { deleteBeforeReplace: true },
      }),
    ),
    graph(
      node(cluster, 'kafka', {
        inputs: { clusterName: 'c', kafkaVersion: 'y\nz' },
        options: { deleteBeforeReplace: true },
      }),
    ),
    types,
  );
  const text = markdown({
    stack: 'dev',
    against: 'main',
    cloud,
    spark: [{ file: 'a.py', diff: '@@ -1 +1 @@\n-```\n+x' }],
    picture: 'flowchart LR\n',
    kinds: '| table |',
    money: { sentence: '$5 a month', items: '| what |' },
  });

  it('says in one line that nothing changes', () => {
    const same = differenceOf(graph(node(stream, 'kept')), graph(node(stream, 'kept')), types);
    const nothing = markdown({
      stack: 'dev',
      against: 'main',
      cloud: same,
      spark: [],
      picture: '',
      kinds: '',
      money: { sentence: '', items: '' },
    });
    expect(nothing).toBe(
      '# What this changes: dev, against main\n\nNothing: 1 resources, the Spark code and all tables are as they were.\n',
    );
  });

  it('says what is replaced, and how', () => {
    expect(text).toContain('0 created, 1 changed (1 of them replaced), 0 deleted');
    expect(text).toContain('### `aws:msk/cluster:Cluster` kafka — **replaced: deleted first**');
  });

  it('keeps values in their cells', () => {
    expect(text).toContain('| clusterName | <code>a&#124;b</code> | <code>c</code> | replaces |');
    expect(text).toContain('| kafkaVersion | <code>&lt;x&gt;</code> | <code>y<br/>z</code> |  |');
  });

  it('fences code that holds fences', () => {
    expect(text).toContain('````diff\n@@ -1 +1 @@\n-```\n+x\n````');
  });
});

describe('the picture', () => {
  it('has a box for each system and an arrow to each that it uses, without detours', async () => {
    const drawn = picture(await graphOf('prod'));
    expect(drawn).toContain('kafka["<b>kafka</b><br/>msk cluster<br/>3 × msk topic"]');
    expect(drawn).toContain('  connector --> kafka\n');
    expect(drawn).toContain('  airflow --> airflow_principal\n');
    expect(drawn).not.toContain('  connector --> network\n');
    await expect(drawn).toMatchFileSnapshot('golden/prod.mmd');
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
    const seen = await withRef(repository, 'HEAD', async (folder) => ({
      folder,
      text: execFileSync('cat', ['file'], { cwd: folder, encoding: 'utf8' }),
    }));
    expect(seen.text).toBe('first\n');
    expect(() => execFileSync('ls', [seen.folder], { stdio: 'pipe' })).toThrow();
  });

  it('that git does not know is said', async () => {
    await expect(withRef(repository, 'nowhere', async () => 0)).rejects.toThrow('git knows no "nowhere"');
  });
});
