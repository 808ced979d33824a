import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProviderTypes } from '../../../infra/tools/graph/provider_types.ts';
import { effectOf } from '../../../infra/tools/preview/effect.ts';
import { flowOf, type Place } from '../../../infra/tools/preview/page/flow.ts';
import { page } from '../../../infra/tools/preview/page/page.ts';
import { pairsOf } from '../../../infra/tools/preview/page/side_by_side.ts';
import { emptyVersion, type Version } from '../../../infra/tools/preview/version.ts';

const run = (version: Version) => ({ version, rows: {} });
const effect = (before: Version, after: Version) =>
  effectOf({
    stack: 'dev',
    against: 'x',
    over: 'y',
    before: run(before),
    after: run(after),
    types: new ProviderTypes(),
  });

function resource(
  type: string,
  name: string,
  parent?: string,
  inputs: Readonly<Record<string, unknown>> = {},
) {
  const own = parent === undefined ? {} : { parent };
  return { type, name, ...own, component: false, inputs, options: {}, dependsOn: [] };
}
const system = (type: string, name: string) => ({ ...resource(type, name), component: true });

describe('the flow of events', () => {
  it('has each resource at its place, with what happens to it', async () => {
    const systems = [
      system('pinterest:kafka:Kafka', 'kafka'),
      system('pinterest:network:Network', 'network'),
    ];
    const kafka = 'pinterest:kafka:Kafka kafka';
    const topic = (name: string, inputs = {}) =>
      resource('aws:msk/topic:Topic', `kafka-${name}`, kafka, { name, ...inputs });
    const vpc = resource('aws:ec2/vpc:Vpc', 'network', 'pinterest:network:Network network');
    const before = {
      ...emptyVersion,
      nodes: [...systems, topic('pin', { partitionCount: 1 }), topic('geo'), vpc],
    };
    const after = {
      ...emptyVersion,
      nodes: [...systems, topic('pin', { partitionCount: 2 }), topic('user'), vpc],
    };
    const flow = flowOf(await effect(before, after));
    const shown = (place: Place) => flow[place].map(({ name, state, note }) => `${name} ${state} ${note}`);
    expect(shown('topics')).toEqual(['pin changed changed', 'user added new', 'geo grave gone']);
    expect(shown('around')).toEqual(['network same ']);
  });

  it('has the raw fields of datasets, and answers whose SQL alone differs', async () => {
    const table = (sql: string) => ({ columns: {}, rows: [], presentation: null, sql });
    const silver = (raw: Record<string, string>) => ({ ...table('S'), raw });
    const before = { ...emptyVersion, tables: { 'silver/pin': silver({ a: 'text' }), answer: table('A') } };
    const after = {
      ...emptyVersion,
      tables: { 'silver/pin': silver({ a: 'bigint', b: 'text' }), answer: table('B') },
    };
    const { posts, answers } = flowOf(await effect(before, after));
    expect(posts).toEqual([{ name: 'pin events', state: 'changed', note: '2 fields' }]);
    expect(answers).toEqual([{ name: 'answer', state: 'changed', note: 'other SQL, the same rows' }]);
  });
});

describe('the flow from a version that describes no tables', () => {
  it('takes those that have rows for as they were, and others for new', async () => {
    const table = { columns: { a: { type: 'int', from: [] } }, rows: [], presentation: null, raw: {} };
    const after = { ...emptyVersion, tables: { 'silver/pin': table, 'silver/geo': table } };
    const { posts, silver } = flowOf(
      await effectOf({
        stack: 'dev',
        against: 'x',
        over: 'y',
        before: { version: emptyVersion, rows: { 'silver/pin': [{ a: 1 }] } },
        after: { version: after, rows: { 'silver/pin': [{ a: 1 }], 'silver/geo': [{ a: 1 }] } },
        types: new ProviderTypes(),
      }),
    );
    expect(silver.map(({ name, note }) => [name, note])).toEqual([
      ['pin', ''],
      ['geo', 'new'],
    ]);
    expect(posts.map(({ name, note }) => [name, note])).toEqual([
      ['pin events', ''],
      ['geo events', 'new'],
    ]);
  });
});

describe('two texts side by side', () => {
  it('keeps common lines beside each other, and changed ones opposite', () => {
    expect(pairsOf(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual([
      ['a', 'a'],
      ['b', 'x'],
      ['c', 'c'],
      [undefined, 'd'],
    ]);
  });

  it('leaves out no line of either and changes no order', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const pairs = pairsOf(before, after);
        expect(pairs.flatMap(([line]) => (line === undefined ? [] : [line]))).toEqual(before);
        expect(pairs.flatMap(([, line]) => (line === undefined ? [] : [line]))).toEqual(after);
      }),
    );
  });
});

describe('the page', () => {
  it('escapes names of the stack, the ref and the data', async () => {
    const table = { columns: { '<i>': { type: 'text', from: [] } }, rows: [], presentation: null };
    const version = { ...emptyVersion, tables: { 'silver/</script>': table } };
    const html = page({ ...(await effect(emptyVersion, version)), stack: '<b>', against: '</title>' });
    expect(html).not.toMatch(/<b>|<i>|silver\/<\/script>|against <\/title>/);
    expect(html).toContain('&lt;b&gt;');
  });

  it('says so when nothing changes', async () => {
    expect(page(await effect(emptyVersion, emptyVersion))).toContain('against x: <strong>nothing</strong>');
  });
});
