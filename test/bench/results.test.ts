import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCharts } from '../../bench/charts.ts';
import { differenceOf } from '../../bench/compare_answers.ts';
import { measureOperators } from '../../bench/operators/index.ts';
import { median, type Results, readResults, replaced, writeResults } from '../../bench/results.ts';
import { readablePosts, tablesOf, writeTables } from '../../bench/tables.ts';
import { temporaryFolder } from '../support/folder.ts';

const answers = { tops: [{ country: 'Albania', category: 'art' }], years: [{ year: 2018 }, { year: 2019 }] };

describe('differenceOf', () => {
  it('finds no difference in equal rows whose columns are in another order', () => {
    const same = { years: answers.years, tops: [{ category: 'art', country: 'Albania' }], extra: [] };
    expect(differenceOf(answers, same)).toBeUndefined();
  });

  it.each([
    ['a missing query', { tops: answers.tops }, 'years is not answered'],
    [
      'another value',
      { ...answers, tops: [{ country: 'Albania', category: 'travel' }] },
      /tops, row 1: .*travel.* instead of .*art/,
    ],
    ['another order', { ...answers, years: [{ year: 2019 }, { year: 2018 }] }, /years, row 1/],
    ['a missing row', { ...answers, years: [{ year: 2018 }] }, /years, row 2: undefined/],
    ['an extra row', { ...answers, tops: [...answers.tops, {}] }, 'tops has 2 rows instead of 1'],
  ])('finds %s', (_, found, difference) => {
    expect(differenceOf(answers, found)).toMatch(difference);
  });
});

const run = (seconds: number) => ({ seconds, cpuSeconds: seconds, peakBytes: 2 ** 30 });
const sparkRun = (seconds: number) => ({ seconds, jobs: 50, commits: 7, bytes: 1_500_000, rows: 20_000 });
const results: Results = {
  machine: 'a machine',
  comparisons: [
    {
      at: '2026-01-02T03:04:05.000Z',
      commit: 'abc1234',
      work: 'answers',
      posts: 1_000_000,
      peer: 'duckdb',
      title: 'DuckDB',
      version: '2.0',
      note: 'drops lines',
      ours: [run(1), run(9), run(2)],
      theirs: [run(8), run(6), run(7)],
      stages: { decode: { ours: [1], theirs: [3] } },
      difference: 'tops, row 1: …',
    },
  ],
  streams: [],
  operators: [],
  spark: [
    {
      at: '2026-01-02T03:04:05.000Z',
      commit: 'abc1234',
      step: 'a day',
      posts: 100_000,
      ours: [sparkRun(2), sparkRun(4), sparkRun(3)],
      theirs: [sparkRun(6)],
    },
    {
      at: '2026-01-02T03:04:05.000Z',
      commit: 'abc1234',
      step: 'a micro-batch',
      posts: 100_000,
      ours: [sparkRun(2)],
      theirs: [],
    },
  ],
};

describe('the results of the bench', () => {
  it('have as median the middle value, or the mean of the middle two', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
  });

  it('replace an earlier measurement of the same', () => {
    const list = [
      { name: 'a', value: 1 },
      { name: 'b', value: 2 },
    ];
    expect(replaced(list, { name: 'a', value: 3 }, ({ name }) => name)).toEqual([
      { name: 'b', value: 2 },
      { name: 'a', value: 3 },
    ]);
  });

  it('show the ratio of medians in a table, and that answers differ', () => {
    const tables = tablesOf(results);
    expect(tables).toMatch(/10⁶ .*DuckDB 2\.0 .*2\.00 s .*7\.00 s .*3\.50 ×.*\*\*DIFFERENT\*\*/);
    expect(tables).toContain('- DuckDB at 1000000 posts differs from ours: tops, row 1: …');
    expect(tables).toMatch(/a day +\| 10⁵ .*6\.00 s .*3\.00 s .*2\.00 × +\| 50 +\| 7 +\| 20,000 +\| 1\.5 MB/);
    expect(tables).toMatch(/a micro-batch +\| 10⁵ +\| +\| 2\.00 s +\| +\| 50/);
  });

  it.each([
    [10_000, '10⁴'],
    [3_000_000, '3·10⁶'],
    [1234, '1234'],
    [12_500_000, '12500000'],
  ])('show %i posts as %s', (posts, expected) => {
    expect(readablePosts(posts)).toBe(expected);
  });

  it('a file of results is read as it was written; charts and tables are made of it', async () => {
    const folder = temporaryFolder('bench');
    const file = join(folder, 'deep', 'results.json');
    await writeResults(file, results);
    expect(await readResults(file)).toEqual(results);
    await writeCharts(folder, results);
    expect(await readFile(join(folder, 'ratios.svg'), 'utf8')).toMatch(/^<svg[\s\S]*DuckDB[\s\S]*3\.5 ×/);
    const page = join(folder, 'page.md');
    await writeFile(
      page,
      'before\n<!-- npm run bench: tables begin -->\nold\n<!-- npm run bench: tables end -->\nafter\n',
    );
    await writeTables(page, results);
    const written = await readFile(page, 'utf8');
    expect(written).toMatch(/^before\n[\s\S]*DuckDB[\s\S]*\nafter\n$/);
    expect(written).not.toContain('old');
    const elsewhere = {
      ...results,
      machine: 'another machine',
      comparisons: [],
      spark: results.spark.slice(1),
    };
    await writeTables(page, elsewhere);
    const rewritten = await readFile(page, 'utf8');
    expect(rewritten).toMatch(/DuckDB[\s\S]*on a machine\.[\s\S]*a micro-batch[\s\S]*on another machine\./);
    expect(rewritten).not.toContain('| a day');
    await writeTables(page, results);
    expect(await readFile(page, 'utf8')).toBe(written);
    await writeFile(page, 'no marks');
    await expect(writeTables(page, results)).rejects.toThrow('has no lines');
    await writeFile(file, '{"machine":1}');
    await expect(readResults(file)).rejects.toThrow('holds no results of this bench');
  });
});

it('measureOperators checks the answers of all operators', () => {
  const names = [...measureOperators(3000, 1)]
    .filter(({ contestant, change }) => contestant === 'ours' && change === 'leaves')
    .map(({ operator }) => operator);
  expect(names).toEqual(['count', 'max', 'median', 'distinct', 'top', 'join']);
});
