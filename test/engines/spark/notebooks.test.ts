/** Golden notebooks: what Databricks will run. Update with `npx vitest run test/spark -u`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { filledTemplate } from '../../../pipeline/engines/spark/notebooks/template.ts';
import { pythonSql, pythonString } from '../../../pipeline/engines/spark/python.ts';
import { keptByDeltas, keyOf } from '../../../pipeline/engines/spark/states/kept.ts';
import { sourcesOf } from '../../../pipeline/plan/relation.ts';
import { queries } from '../../../queries/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { runCommand } from '../../support/process.ts';

const sources = notebookSources(datasets, queries);

describe('notebooks', () => {
  it.each(Object.entries(sources))('%s', async (name, source) => {
    await expect(source).toMatchFileSnapshot(`golden/notebooks/${name}.py`);
  });

  it('contain no key or password, and name every dataset and query', () => {
    for (const source of Object.values(sources)) {
      expect(source).not.toMatch(/secret|password|AKIA|awsAccessKey/i);
    }
    for (const { name } of queries) {
      expect(sources.pinterest_batch_data).toContain(`GOLD["${name}"]`);
      expect(sources.pinterest_live_views).toContain(`VIEWS["${name}"]`);
    }
    expect(sources.pinterest_streaming_data).toContain(
      '"pin": ("streaming-pin", "streaming-user-prefix-pin")',
    );
  });

  it.each([
    ['pinterest_batch_data', 'GOLD', 'states of answers'],
    ['pinterest_live_views', 'VIEWS', 'states_of_answers'],
  ] as const)('read states alone where there are any: %s', (notebook, dictionary, states) => {
    for (const { name, plan } of queries) {
      const [, begun = ''] = sources[notebook].split(`${dictionary}["${name}"] = r"""`);
      const [statement = ''] = begun.split('"""');
      const named = new Set([...statement.matchAll(/`([^`]+)` AS \(/g)].map(([, relation]) => relation));
      const read = [...statement.matchAll(/\b(?:FROM|JOIN)\s+`([^`]+)`/g)].map(([, table]) => table);
      const tables = [...new Set(read.filter((table) => !named.has(table)))];
      const { kept } = keptByDeltas(plan, keyOf(datasets));
      expect(tables.sort(), name).toEqual(kept ? [states] : [...sourcesOf(plan).keys()].sort());
    }
  });

  it('use nothing that Spark Connect lacks, or gives no reliable answer to', () => {
    const { mount_s3_bucket: _, pinterest_streaming_data: streaming, ...others } = sources;
    const classic = /sparkContext|DeltaTable|_jvm|_jsc|\.rdd\b|Observation|\.cache\(/;
    // What a first load observes is proved, or else counted.
    const observed = /^from pyspark\.sql import Observation$|^ {4}observation = Observation\(\)$/gm;
    const batch = others.pinterest_batch_data.replace(observed, '');
    for (const source of Object.values({ streaming, ...others, pinterest_batch_data: batch })) {
      expect(source).not.toMatch(classic);
    }
    for (const source of Object.values(others)) {
      expect(source).not.toMatch(/persist/);
    }
  });

  it('contain no placeholder of their templates', () => {
    expect(Object.values(sources).join('\n')).not.toMatch(/# @/);
    expect(() => filledTemplate('pinterest_batch_data.py', { datasets: '' })).toThrow(
      'The template pinterest_batch_data.py inserts "given", which is not generated for it.',
    );
  });

  it('are refused when two tables or views would have one name', () => {
    const [first = expect.fail()] = queries;
    expect(() => notebookSources(datasets, [...queries, first])).toThrow(
      /are called most_popular_category_by_country/,
    );
    expect(() => notebookSources(datasets, [{ ...first, name: 'geo' }])).toThrow(/are called geo/);
  });

  it('are written by the command, and wrong usage ends with 2', async () => {
    const folder = temporaryFolder('notebooks');
    await runCommand(['notebooks', '--out', join(folder, 'new', 'folder')]);
    const written = await readdir(join(folder, 'new', 'folder'));
    expect(written.sort()).toEqual(
      Object.keys(sources)
        .map((name) => `${name}.py`)
        .sort(),
    );
    const batch = await readFile(join(folder, 'new', 'folder', 'pinterest_batch_data.py'), 'utf8');
    expect(batch).toBe(sources.pinterest_batch_data);
    expect(await runCommand('notebooks')).toMatchObject({ status: 2 });
  });
});

describe('Python around SQL', () => {
  it('refuses what would end a raw string', () => {
    expect(() => pythonSql('a """ b')).toThrow(RangeError);
    expect(() => pythonSql('a "')).toThrow(RangeError);
    expect(() => pythonSql('a \\')).toThrow(RangeError);
  });
  it('writes strings in ASCII', () => {
    expect(pythonString('a"\\\n🂡')).toBe(String.raw`"a\"\\\n\ud83c\udca1"`);
  });
});
