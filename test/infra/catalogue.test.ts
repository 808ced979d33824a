import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateEvents } from '../../emulator/generator.ts';
import { eventSchema } from '../../infra/tools/catalogue/event_schema.ts';
import { gatherCatalogue } from '../../infra/tools/catalogue/gather.ts';
import type { Catalogue } from '../../infra/tools/catalogue/parts.ts';
import { placesOf, placesOfDataset, placesOfQuery } from '../../infra/tools/catalogue/places.ts';
import { planInWords } from '../../infra/tools/catalogue/plan_words.ts';
import { siteOf, writeSite } from '../../infra/tools/catalogue/site.ts';
import { expressionInWords } from '../../infra/tools/catalogue/words.ts';
import { datasets, pin } from '../../pipeline/datasets/index.ts';
import { queries } from '../../queries/index.ts';
import { topUserByCountry } from '../../queries/top_user_by_country.ts';
import { questions } from '../questions/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { graphOf, repositoryFolder } from './stacks.ts';

let catalogue: Catalogue;
let site: ReadonlyMap<string, string | Uint8Array>;
const textOf = (file: string) => String(site.get(file));
const pages = () => [...site.keys()].filter((file) => file.endsWith('.html'));

beforeAll(async () => {
  catalogue = await gatherCatalogue(
    repositoryFolder,
    'dev',
    graphOf('dev').then(({ nodes }) => nodes),
  );
  site = await siteOf(catalogue);
}, 60_000);

describe('the site of the catalogue', () => {
  it('has a page, a contract and a schema of each dataset, and a page of each query', () => {
    for (const { name } of datasets) {
      expect([...site.keys()]).toEqual(
        expect.arrayContaining([
          `datasets/${name}.html`,
          `contracts/${name}.odcs.yaml`,
          `schemas/${name}.schema.json`,
        ]),
      );
    }
    expect(pages()).toEqual(expect.arrayContaining(queries.map(({ name }) => `queries/${name}.html`)));
  });

  it('links only to what it has, also from its search', () => {
    const ids = new Map(
      pages().map((file) => [
        file,
        new Set([...textOf(file).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)),
      ]),
    );
    const links = pages().flatMap((file) =>
      [...textOf(file).matchAll(/(?:href|src)="([^"]+)"/g)].map(([, href = '']) => ({ file, href })),
    );
    const found = [...textOf('search_index.js').matchAll(/"([\w/]+\.html(?:#[^"]+)?)"\]/g)].map(
      ([, href = '']) => ({ file: 'index.html', href }),
    );
    expect(found.length).toBeGreaterThan(100);
    const broken = [...links, ...found].filter(({ file, href }) => {
      const [path = '', id] = href.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      return (
        !href.startsWith('data:') && !(site.has(target) && (id === undefined || ids.get(target)?.has(id)))
      );
    });
    expect(broken).toEqual([]);
  });

  it('names no other server', () => {
    for (const file of [...pages(), 'style.css', 'catalogue.js', 'charts.js']) {
      expect(textOf(file).replaceAll('http://www.w3.org/2000/svg', ''), file).not.toMatch(
        /https?:|url\(|@import/,
      );
    }
  });

  it('gives the same bytes for the same catalogue', async () => {
    expect(await siteOf(catalogue)).toEqual(site);
  });

  it('shows rules in words and in SQL, readers, cases with their score, and places', () => {
    const page = textOf('datasets/pin.html');
    expect(page).toContain('title, or null when blank, or null when title is “No Title Data Available”');
    expect(page).toContain('`title` = &#39;No Title Data Available&#39;');
    expect(page).toContain('<a href="../queries/top_user_by_country.html">top_user_by_country</a>');
    expect(page).toContain('34 of 34 planted faults are noticed.');
    expect(page).toContain('cleans the worked example <small>line 2</small>');
    expect(page).toContain('<code>streaming-pin</code>');
  });

  it("shows a query's chart, table, steps, SQL and lineage", () => {
    const page = textOf('queries/top_user_by_country.html');
    expect(page).toContain('id="chart-top_user_by_country"');
    expect(page).toContain('<figure class="map">');
    expect(page).toContain(
      '<li>For each country, keep the first row by follower_count from the largest, then poster_name.</li>',
    );
    expect(page).toContain('WITH');
    expect(page).toContain('<a href="../datasets/geo.html#column-country">geo.country</a>');
    expect(page).toContain('1 more changes no answer.');
  });
});

describe('rules and plans in words', () => {
  it('read well for every column and query of the project', async () => {
    const rules = datasets.flatMap(({ name, clean }) =>
      Object.entries(clean).map(([column, rule]) => `${name}.${column}: ${expressionInWords(rule)}`),
    );
    const plans = queries.flatMap(({ name, plan }) => ['', name, ...planInWords(plan)]);
    await expect(`${[...rules, ...plans].join('\n')}\n`).toMatchFileSnapshot('golden/words.txt');
  });

  it('say every step of plans with joins, windows and unions, and nothing undefined', () => {
    for (const { query } of questions) {
      const words = planInWords(query.plan).join('\n');
      expect(words).not.toMatch(/undefined|\[object/);
      expect(words).toMatch(/\.$/);
    }
  });
});

describe('places in the cloud', () => {
  it('are those that the stack declares', () => {
    expect(placesOfDataset(catalogue.places, pin)).toEqual([
      ['Table that the emulator reads', 'pinterest_data'],
      ['API path for the topic', 'POST /topics/pin'],
      ['API path for the stream', 'PUT /streams/streaming-pin/record'],
      ['Kafka topic', 'pin'],
      ['Kinesis stream', 'streaming-pin'],
      ['Landing files', 's3://pinterest-dev-lake-111122223333-eu-west-1/lake/topics/pin/'],
      ['Silver table', 's3://pinterest-dev-lake-111122223333-eu-west-1/lake/silver/pin'],
      ['Silver table of the stream', 's3://pinterest-dev-lake-111122223333-eu-west-1/lake/stream/silver/pin'],
      ['Quarantine', 's3://pinterest-dev-lake-111122223333-eu-west-1/lake/quarantine/pin'],
      ['Notebook', '/Shared/pinterest-dev/pinterest_batch_data'],
      ['Notebook', '/Shared/pinterest-dev/pinterest_streaming_data'],
    ]);
    expect(placesOfQuery(catalogue.places, topUserByCountry)).toEqual(
      expect.arrayContaining([
        ['Table in the catalog', 'pinterest_dev.pinterest.top_user_by_country'],
        ['Live view', 'pinterest_dev.pinterest_live.top_user_by_country'],
        ['Dashboard', 'pinterest-dev answers'],
      ]),
    );
  });

  it('have no table in a catalog in a workspace with mounts', async () => {
    const { nodes } = await graphOf('mount');
    const kinds = placesOfQuery(placesOf('mount', nodes, datasets), topUserByCountry).map(([kind]) => kind);
    expect(kinds).not.toContain('Table in the catalog');
  });

  it('say what a stack does not declare', async () => {
    const nodes = (await graphOf('dev')).nodes.filter(({ name }) => name !== 'kafka-pin');
    expect(() => placesOf('dev', nodes, datasets)).toThrow('The stack dev declares no topic of pin.');
  });
});

describe('the JSON Schema of events', () => {
  const check = new Map(
    datasets.map((dataset) => [
      dataset.name,
      new Ajv2020({ strict: true, allowUnionTypes: true }).compile(eventSchema(dataset)),
    ]),
  );

  it("holds for the emulator's events", () => {
    for (let post = 0; post < 2000; post += 1) {
      for (const [name, event] of Object.entries(generateEvents(datasets, post, 1))) {
        expect(check.get(name)?.(event), JSON.stringify(event)).toBe(true);
      }
    }
  });

  it.each([
    [{}, false],
    [{ index: null }, false],
    [{ index: '7' }, false],
    [{ index: 7.5 }, false],
    [{ index: 2 ** 53 }, false],
    [{ index: 7, title: 8 }, false],
    [{ index: 7 }, true],
    [{ index: 7, title: null, new_field: [] }, true],
  ])('says of %j: %s', (event, valid) => {
    expect(check.get('pin')?.(event)).toBe(valid);
  });
});

describe('writing the site', () => {
  const files = new Map([
    ['index.html', 'new'],
    ['catalogue.json', '{}'],
  ]);

  it('makes the folder, and replaces an older catalogue with all of its files', async () => {
    const folder = join(temporaryFolder('catalogue'), 'made', 'site');
    await writeSite(folder, new Map([...files, ['queries/gone.html', 'old']]));
    await writeSite(folder, files);
    expect((await readdir(folder)).sort()).toEqual(['catalogue.json', 'index.html']);
    expect(await readdir(dirname(folder))).toEqual(['site']);
  });

  it('writes into an empty folder', async () => {
    const folder = temporaryFolder('catalogue');
    await writeSite(folder, files);
    expect(await readFile(join(folder, 'index.html'), 'utf8')).toBe('new');
  });

  it('refuses a folder of other files, and a file', async () => {
    const folder = temporaryFolder('catalogue');
    await writeFile(join(folder, 'thesis.txt'), 'three years');
    await expect(writeSite(folder, files)).rejects.toThrow(
      `${folder} exists and is no catalogue, for it has no catalogue.json. Name another folder, or remove it.`,
    );
    expect(await readdir(folder)).toEqual(['thesis.txt']);
    await expect(writeSite(join(folder, 'thesis.txt'), files)).rejects.toThrow('Name another one');
  });
});

describe('the contract of a dataset', () => {
  it('is the one in the repo', async () => {
    const golden = fileURLToPath(new URL('golden/geo.odcs.yaml', import.meta.url));
    await expect(textOf('contracts/geo.odcs.yaml')).toMatchFileSnapshot(golden);
  });
});
