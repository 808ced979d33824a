/** A table with thousands of commits: what opening it and committing to it costs does not grow with them. */

import { describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { maintainTable } from '../../pipeline/delta/maintain/maintain.ts';
import { type DeltaOptions, DeltaTable } from '../../pipeline/delta/table.ts';
import { type Files, memoryStorage } from '../support/memory_storage.ts';

const schema = { number: 'bigint' } as const;
const day = 24 * 3600 * 1000;

/** DELTA_COMMITS=100000 takes some minutes; what it costs is printed. */
const commits = Number(process.env.DELTA_COMMITS ?? 2000);
/** A stream that is maintained: so many commits lie between two runs. */
const commitsPerRun = 500;

/** A storage that counts what is asked of it. */
function counted(files: Files, clock: () => number) {
  const storage = memoryStorage(files, clock);
  const count = { reads: 0, lists: 0, writtenInLog: 0 };
  const options: DeltaOptions = {
    clock,
    storage: {
      ...storage,
      read: (path) => {
        count.reads += 1;
        return storage.read(path);
      },
      list: (folder) => {
        count.lists += 1;
        return storage.list(folder);
      },
      putIfAbsent: (path, bytes) => {
        count.writtenInLog += bytes.length;
        return storage.putIfAbsent(path, bytes);
      },
    },
  };
  return { count, options };
}

describe(`a Delta table of ${commits} commits`, () => {
  it.each([
    ['maintained', true],
    ['never maintained', false],
  ])(
    '%s, opens with a few reads and no listing, and its log grows in proportion',
    async (_, isMaintained) => {
      const files: Files = new Map();
      let now = Date.UTC(2026, 0, 1);
      // So that the whole takes ninety days, and a part of the log is older than its retention.
      const clock = () => {
        now += (90 * day) / commits / 4;
        return now;
      };
      const { options, count } = counted(files, clock);
      const table = await DeltaTable.create('', schema, options);
      const started = process.cpuUsage();
      let half = 0;
      for (let number = 1; number <= commits; number += 1) {
        await table.append([tableOfRows(schema, [{ number }])], {
          txn: { appId: 'stream', version: number },
        });
        if (isMaintained && number % commitsPerRun === 0) {
          await maintainTable('', { ...options, isDryRun: false });
        }
        if (number === commits / 2) {
          half = count.writtenInLog;
        }
      }
      const took = cpuSeconds(started);

      Object.assign(count, { reads: 0, lists: 0 });
      const opening = process.cpuUsage();
      const opened = await DeltaTable.open('', options);
      const openedIn = cpuSeconds(opening);
      const { reads, lists } = count;
      expect(await opened.txnVersion('stream')).toBe(commits);
      expect(lists).toBe(0);
      expect(reads).toBeLessThan(isMaintained ? 45 : 1300);
      // The second half of the commits wrote about as much as the first one, checkpoints included.
      const grown = (count.writtenInLog - half) / half;
      expect(grown).toBeLessThan(isMaintained ? 1.3 : 3);
      const read = rowsOf(await opened.read()).map(({ number }) => Number(number));
      expect(read.length).toBe(commits);
      expect(new Set(read).size).toBe(commits);
      if (isMaintained) {
        const present = [...files.keys()].filter((path) => /^[^/]*\.parquet$/.test(path));
        // Those of the last seven days of ninety, and of the commits since the last run.
        expect(present.length).toBeLessThan((commits * 7) / 90 + commitsPerRun * 2);
        expect(files.has('_delta_log/00000000000000000000.json')).toBe(false);
      }
      if (process.env.DELTA_COMMITS !== undefined) {
        console.log(
          `${commits} commits, ${isMaintained ? 'maintained' : 'never maintained'}: ` +
            `${((took / commits) * 1e6).toFixed(0)} µs a commit; opened in ${(openedIn * 1000).toFixed(0)} ms with ` +
            `${reads} reads; log ${(count.writtenInLog / 1e6).toFixed(1)} MB; ${files.size} files`,
        );
      }
    },
  );
});

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
