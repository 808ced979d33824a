/** A failure at each step of a write or of maintenance, one after the other: the table is whole, and work goes on. */

import { describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { maintainTable } from '../../pipeline/delta/maintain/maintain.ts';
import { type DeltaOptions, DeltaTable, overwriteDeltaTable } from '../../pipeline/delta/table.ts';
import { type Failure, failingStorage } from '../support/failing_storage.ts';
import { type Files, memoryStorage } from '../support/memory_storage.ts';

const schema = { number: 'bigint' } as const;
const day = 24 * 3600 * 1000;
const now = Date.UTC(2026, 0, 1);
const quiet = { warn: () => {}, clock: () => now };

function optionsFor(files: Files): DeltaOptions {
  return { ...quiet, storage: memoryStorage(files, quiet.clock) };
}

function rows(...numbers: number[]) {
  return tableOfRows(
    schema,
    numbers.map((number) => ({ number })),
  );
}

async function numbersIn(files: Files) {
  const table = await DeltaTable.open('', optionsFor(files));
  return rowsOf(await table.read())
    .map(({ number }) => Number(number))
    .sort((a, b) => a - b);
}

const all = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** A table with rows 1 to 9, version 9: the next commit has a checkpoint. */
async function prepared(): Promise<Files> {
  const files: Files = new Map();
  const table = await DeltaTable.create('', schema, optionsFor(files));
  for (const number of all) {
    await table.append([rows(number)]);
  }
  return files;
}

interface Work {
  readonly name: string;
  readonly run: (options: DeltaOptions) => Promise<unknown>;
  /** The states allowed after an interrupted commit: before it, or after it. */
  readonly outcomes: readonly (readonly number[])[];
}

const txn = { appId: 'stream', version: 1 };
const works: readonly Work[] = [
  {
    name: 'an append with its checkpoint',
    run: async (options) => (await DeltaTable.open('', options)).append([rows(10)], { txn }),
    outcomes: [all, [...all, 10]],
  },
  {
    name: 'an overwrite with its checkpoint',
    run: (options) => overwriteDeltaTable('', rows(10), { ...options, txn }),
    outcomes: [all, [10]],
  },
  {
    name: 'a compaction with its checkpoint',
    run: (options) => maintainTable('', { ...options, isDryRun: false }),
    outcomes: [all],
  },
];

const failures: readonly Failure[] = ['before', 'after', 'full'];

/** Calls `check` with a storage that fails at its first step, at its second, and so on until it does not fail. */
async function atEachStep(
  template: Files,
  failure: Failure,
  check: (files: Files, options: DeltaOptions, hasFailed: () => boolean) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at += 1) {
    const files: Files = new Map(template);
    const storage = failingStorage(memoryStorage(files, quiet.clock), at, failure);
    await check(files, { ...quiet, storage }, () => storage.steps >= at);
    if (storage.steps < at) {
      return at - 1;
    }
  }
}

describe.each(works)('$name', ({ run, outcomes }) => {
  it.each(failures)('that fails at any step (%s) leaves the table intact', async (failure) => {
    const done = outcomes.at(-1) ?? [];
    const steps = await atEachStep(await prepared(), failure, async (files, options, hasFailed) => {
      await run(options).catch(() => {});
      const found = await numbersIn(files);
      expect(outcomes).toContainEqual(found);
      if (!hasFailed()) {
        expect(found).toEqual(done);
      }

      await run(optionsFor(files));
      expect(await numbersIn(files)).toEqual(done);
      const { version } = await (await DeltaTable.open('', optionsFor(files))).append([rows(11)]);
      expect(await numbersIn(files)).toEqual([...done, 11]);
      expect(version).toBe(11);
    });
    expect(steps).toBeGreaterThan(10);
  });
});

describe('removing what is no longer needed', () => {
  it.each(failures)('that fails at any step (%s) leaves the table intact', async (failure) => {
    const template = await prepared();
    const table = await DeltaTable.open('', optionsFor(template));
    await table.overwrite(rows(...all));
    for (let number = 10; number <= 21; number += 1) {
      await table.append([rows(number)]);
    }
    const expected = await numbersIn(template);
    const clock = () => now + 40 * day;
    const steps = await atEachStep(template, failure, async (files, options) => {
      await maintainTable('', { ...options, clock, isDryRun: false }).catch(() => {});
      expect(await numbersIn(files)).toEqual(expected);
      await maintainTable('', { ...optionsFor(files), clock, isDryRun: false });
      expect(await numbersIn(files)).toEqual(expected);
      await maintainTable('', { ...optionsFor(files), clock: () => now + 80 * day, isDryRun: false });
      expect(await numbersIn(files)).toEqual(expected);
      expect([...files.keys()].filter((path) => /^[^/]*\.parquet$/.test(path))).toHaveLength(1);
    });
    expect(steps).toBeGreaterThan(30);
  });
});
