import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeltaTable, readDeltaTable } from '../../../pipeline/lake/delta_table.ts';
import { rowsOf, tableOfRows } from '../../../pipeline/table/columnar_table.ts';
import { everyType, inFolder } from '../../lake/delta_tables.ts';
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
  let session: Awaited<ReturnType<typeof spark.start>>;
  beforeAll(async () => {
    session = await spark.start();
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
});
