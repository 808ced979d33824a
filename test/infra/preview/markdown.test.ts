import { describe, expect, it } from 'vitest';
import { ProviderTypes } from '../../../infra/tools/graph/provider_types.ts';
import { type Effect, effectOf } from '../../../infra/tools/preview/effect.ts';
import { markdown } from '../../../infra/tools/preview/markdown.ts';
import { emptyVersion, type Version } from '../../../infra/tools/preview/version.ts';

const cluster = 'aws:msk/cluster:Cluster';

function version(inputs: Readonly<Record<string, unknown>>, given: Partial<Version> = {}): Version {
  const options = { deleteBeforeReplace: true };
  const node = { type: cluster, name: 'kafka', component: false, inputs, options, dependsOn: [] };
  return { ...emptyVersion, nodes: [node], ...given };
}

function effect(before: Version, after: Version): Promise<Effect> {
  const runs = { before: { version: before, rows: {} }, after: { version: after, rows: {} } };
  return effectOf({ stack: 'dev', against: 'main', over: 'posts', ...runs, types: new ProviderTypes() });
}

describe('the Markdown', () => {
  it('says in one line that nothing changes', async () => {
    const same = version({ clusterName: 'a' });
    expect(markdown(await effect(same, same))).toBe(
      '# What this changes: dev, against main\n\nNothing: 1 resource, the Spark code and all tables are as they were.\n',
    );
  });

  it('says what is replaced, and how, and keeps values in their cells', async () => {
    const text = markdown(
      await effect(
        version({ clusterName: 'a|b', kafkaVersion: '<x>' }),
        version({ clusterName: 'c', kafkaVersion: 'y\nz' }),
      ),
    );
    expect(text).toContain('0 created, 1 changed (1 of them replaced), 0 deleted');
    expect(text).toContain(
      '| **replaced**, deleted first | kafka | `aws:msk/cluster:Cluster` | ' +
        'clusterName: <code>a&#124;b</code> → <code>c</code><br/>kafkaVersion: <code>&lt;x&gt;</code> → <code>y<br/>z</code> |',
    );
  });

  it('shows of long values the part that differs', async () => {
    const text = (end: string) => version({ kafkaVersion: `${'same '.repeat(40)}${end}` });
    expect(markdown(await effect(text('1'), text('2')))).toContain(
      'kafkaVersion: <code>…same same same same 1</code> → <code>…same same same same 2</code>',
    );
  });

  it('stops after 25 rows, and says how many more there are', async () => {
    const nodes = Array.from({ length: 27 }, (_, at) =>
      version({}).nodes.map((one) => ({ ...one, name: `k${at}` })),
    );
    const text = markdown(await effect(emptyVersion, { ...emptyVersion, nodes: nodes.flat() }));
    expect(text.match(/^\| created \|/gm)).toHaveLength(25);
    expect(text).toContain('… and 2 rows more.');
  });

  it('counts the lines of Spark code that come and go', async () => {
    const spark = (text: string) => version({}, { spark: { batch: text } });
    expect(markdown(await effect(spark('a\nb\n'), spark('a\nc\nd\n')))).toContain(
      '- batch.py: 2 lines added, 1 removed',
    );
  });

  it('names the page that has the rest', async () => {
    const changed = await effect(version({ clusterName: 'a' }), version({ clusterName: 'b' }));
    expect(markdown(changed)).toContain('on the page that `--html FILE` writes');
    expect(markdown(changed, 'an artefact of this run')).toContain('lineage: an artefact of this run.');
  });

  it('says that a stack costs more than it may', async () => {
    const costs = { items: [{ what: 'brokers', how: '1 × 50', dollars: 50 }], budget: 40 };
    const text = markdown(await effect(version({}), version({ clusterName: 'a' }, { costs })));
    expect(text).toContain(
      '**The stack costs $50 a month while nothing flows, and its watching.monthlyBudgetDollars is 40.**',
    );
  });
});
