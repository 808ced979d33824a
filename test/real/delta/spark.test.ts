import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { maintainTable } from '../../../pipeline/delta/maintain/maintain.ts';
import { DeltaTable, readDeltaTable } from '../../../pipeline/delta/table.ts';
import { everyType, inFolder } from '../../delta/delta_tables.ts';
import { describeReal, spark } from '../systems.ts';

const columns = Object.keys(everyType).join(', ');

/** The row of a key, as Node and as Spark make it. */
function rowOf(key: number) {
  return {
    key,
    small: 0 - key,
    share: key / 4,
    name: `ﬀ ${key}`,
    known: key % 2 === 0,
    at: Date.parse('9999-12-31T23:59:59Z'),
    place: [key / 2, -0.25],
  };
}

const unknown = { key: null, small: null, share: null, name: null, known: null, at: null, place: null };

describeReal('a Delta table that Node and Spark write in turn', [spark], () => {
  let session: Awaited<ReturnType<typeof spark.share>>;
  beforeAll(async () => {
    session = await spark.share();
  }, 120_000);
  afterAll(() => session.stop());

  it(
    'holds the rows of both, through a checkpoint of Node',
    () =>
      inFolder(async (folder) => {
        const table = await DeltaTable.create(folder, everyType);
        await table.append([tableOfRows(everyType, [unknown])]);
        await table.overwrite(tableOfRows(everyType, [unknown, rowOf(0)]));
        for (let key = 1; key <= 9; key += 1) {
          await table.append([tableOfRows(everyType, [rowOf(key)])], {
            txn: { appId: 'node', version: key },
          });
        }
        const sqlRow = (key: number) =>
          `select ${key}L, ${-key}, ${key}D / 4, 'ﬀ ${key}', ${key % 2 === 0}, timestamp'9999-12-31 23:59:59', array(${key}D / 2, -0.25D)`;
        for (const key of [10, 11]) {
          await session.sql(`insert into delta.\`${folder}\` (${columns}) ${sqlRow(key)}`);
        }
        expect(await table.refresh()).toBe(13);
        await table.append([tableOfRows(everyType, [rowOf(12)])]);

        const expected = [unknown, ...Array.from({ length: 13 }, (_, key) => rowOf(key))];
        const read = rowsOf(await readDeltaTable(folder)).sort(
          (a, b) => Number(a.key ?? -1) - Number(b.key ?? -1),
        );
        expect(read).toEqual(expected);
        const seen = await session.sql(
          `select ${columns.replace('at,', 'unix_millis(at) as at,')} from delta.\`${folder}\` order by key nulls first`,
        );
        expect(seen).toEqual(expected);
        const [filtered] = await session.sql(
          `select count(*) as n from delta.\`${folder}\` where name >= 'ﬀ 5'`,
        );
        expect(filtered).toEqual({ n: 5 });
      }),
    120_000,
  );

  it(
    'holds the rows of both through compactions and removals of either',
    () =>
      inFolder(async (folder) => {
        const schema = { key: 'bigint', name: 'text' } as const;
        const rows = (...keys: number[]) =>
          tableOfRows(
            schema,
            keys.map((key) => ({ key, name: `name ${key}` })),
          );
        const keysBySpark = async (version?: number) => {
          const at = version === undefined ? '' : ` version as of ${version}`;
          const found = await session.sql(`select key from delta.\`${folder}\`${at} order by key`);
          return found.map(({ key }) => key);
        };
        const keysByNode = async () =>
          rowsOf(await readDeltaTable(folder))
            .map(({ key }) => Number(key))
            .sort((a, b) => a - b);
        const insert = (key: number) =>
          session.sql(`insert into delta.\`${folder}\` values (${key}, 'name ${key}')`);

        const table = await DeltaTable.create(folder, schema);
        for (const key of [1, 2, 3]) {
          await table.append([rows(key)]);
        }
        await insert(4);
        expect(await maintainTable(folder, { isDryRun: false })).toMatchObject({
          removedFiles: 4,
          version: 5,
        });
        expect(await keysBySpark()).toEqual([1, 2, 3, 4]);
        expect(await keysBySpark(2)).toEqual([1, 2]);
        const [last] = await session.sql(`describe history delta.\`${folder}\` limit 1`);
        expect(last).toMatchObject({ version: 5, operation: 'OPTIMIZE' });

        await insert(5);
        await session.sql(`optimize delta.\`${folder}\``);
        await table.append([rows(6)]);
        expect(await keysByNode()).toEqual([1, 2, 3, 4, 5, 6]);
        // A file that Spark skips by its statistics must not hold the row.
        expect(await session.sql(`select name from delta.\`${folder}\` where key = 6`)).toEqual([
          { name: 'name 6' },
        ]);

        const clock = () => Date.now() + 8 * 24 * 3600 * 1000;
        const done = await maintainTable(folder, { isDryRun: false, clock });
        expect(done.unneededFiles).toBeGreaterThanOrEqual(4);
        expect(await keysBySpark()).toEqual([1, 2, 3, 4, 5, 6]);
        await session.sql(`delete from delta.\`${folder}\` where key = 6`);
        await table.append([rows(7)]);
        expect(await keysByNode()).toEqual([1, 2, 3, 4, 5, 7]);
        expect(await keysBySpark()).toEqual([1, 2, 3, 4, 5, 7]);
      }),
    180_000,
  );
});
