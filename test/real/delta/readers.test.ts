import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emptyTable, type Row, tableOfRows } from '../../../pipeline/columns/table.ts';
import { maintainTable } from '../../../pipeline/delta/maintain/maintain.ts';
import { DeltaTable, overwriteDeltaTable } from '../../../pipeline/delta/table.ts';
import { everyType, inFolder, rowsOfEveryType } from '../../delta/delta_tables.ts';
import { deltalake, describeReal } from '../systems.ts';

const deltaTypes = {
  key: 'long',
  small: 'integer',
  share: 'double',
  name: 'string',
  known: 'boolean',
  at: 'timestamp',
  place: 'array<double>',
};

describeReal('Delta tables, read by deltalake', [deltalake], () => {
  let reader: ReturnType<typeof deltalake.start>;
  beforeAll(() => {
    reader = deltalake.start();
  });
  afterAll(() => reader.stop());

  it('hold the same values and types', async () => {
    await fc.assert(
      fc.asyncProperty(rowsOfEveryType, (rows) =>
        inFolder(async (folder) => {
          await overwriteDeltaTable(folder, tableOfRows(everyType, rows));
          const read = await reader.read({ at: folder });
          expect(read.schema).toEqual(
            Object.entries(deltaTypes).map(([name, type]) => ({ name, type, nullable: true })),
          );
          expect(read.partitionColumns).toEqual([]);
          expect(read.rows).toEqual(rows.map(asJson));
        }),
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it(
    'are empty, with columns, when an empty table is written',
    () =>
      inFolder(async (folder) => {
        await overwriteDeltaTable(folder, emptyTable(everyType));
        const read = await reader.read({ at: folder });
        expect(read.rows).toEqual([]);
        expect(read.schema.map(({ type }) => type)).toEqual(Object.values(deltaTypes));
      }),
    60_000,
  );

  it(
    'are the same at old versions and after a checkpoint',
    () =>
      inFolder(async (folder) => {
        const schema = { ind: 'bigint', name: 'text' } as const;
        const table = await DeltaTable.create(folder, schema);
        for (let ind = 1; ind <= 12; ind += 1) {
          const rows = tableOfRows(schema, [{ ind, name: 'one name' }]);
          await (ind === 6
            ? table.overwrite(rows)
            : table.append([rows], { txn: { appId: 'a', version: ind } }));
        }
        const inds = async (version?: number) => {
          const { rows } = await reader.read({ at: folder, ...(version === undefined ? {} : { version }) });
          return rows.map(({ ind }) => Number(ind)).sort((a, b) => a - b);
        };
        expect(await inds()).toEqual([6, 7, 8, 9, 10, 11, 12]);
        expect(await inds(10)).toEqual([6, 7, 8, 9, 10]);
        expect(await inds(5)).toEqual([1, 2, 3, 4, 5]);
      }),
    60_000,
  );
});

describeReal('Delta tables that are maintained, read by deltalake', [deltalake], () => {
  let reader: ReturnType<typeof deltalake.start>;
  beforeAll(() => {
    reader = deltalake.start();
  });
  afterAll(() => reader.stop());

  it(
    'hold the same values of every type after a compaction, old versions too, until they are removed',
    () =>
      inFolder(async (folder) => {
        const table = await DeltaTable.create(folder, everyType);
        const written = fc.sample(rowsOfEveryType, { numRuns: 6, seed: 7 });
        for (const rows of written) {
          await table.append([tableOfRows(everyType, rows)]);
        }
        const read = async (version?: number) => {
          const found = await reader.read({ at: folder, ...(version === undefined ? {} : { version }) });
          return { ...found, rows: found.rows.map((row) => JSON.stringify(row)).sort() };
        };
        const before = await read();
        const { version } = await maintainTable(folder, { isDryRun: false });
        expect(await read()).toEqual({ ...before, version });
        expect(await read(before.version)).toEqual(before);

        const clock = () => Date.now() + 8 * 24 * 3600 * 1000;
        expect(await maintainTable(folder, { isDryRun: false, clock })).toMatchObject({
          unneededFiles: written.filter(({ length }) => length > 0).length,
        });
        expect(await read()).toEqual({ ...before, version });
        await expect(read(before.version)).rejects.toThrow(/not found|No such/i);
      }),
    120_000,
  );

  it(
    'hold the rows of several row groups and pages, with dictionaries and without',
    () =>
      inFolder(async (folder) => {
        const schema = { ind: 'bigint', name: 'text', odd: 'text', place: 'array<double>' } as const;
        const rows = Array.from({ length: 140_000 }, (_, ind) => ({
          ind: ind % 13 === 0 ? null : ind,
          name: ind % 7 === 0 ? null : `name ${ind % 500}`,
          odd: `text ${(ind * 7919) % 140_000}`,
          place: ind % 5 === 0 ? null : [ind, -ind].slice(0, ind % 3),
        }));
        await overwriteDeltaTable(folder, tableOfRows(schema, rows));
        expect((await reader.read({ at: folder })).rows).toEqual(rows);
      }),
    120_000,
  );
});

/** A row as the reader's process returns it: times and infinities as Python writes them. */
function asJson(row: Row) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (name === 'at' && typeof value === 'number') {
        return [name, isoTime(value)];
      }
      return [name, typeof value === 'object' && value !== null ? value.map(finite) : finite(value)];
    }),
  );
}

function finite(value: Row[string] | undefined) {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function isoTime(milliseconds: number): string {
  const [seconds, fraction] = new Date(milliseconds).toISOString().split(/[.Z]/);
  return `${seconds}${fraction === '000' ? '' : `.${fraction}000`}+00:00`;
}
