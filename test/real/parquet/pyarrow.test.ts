/** Parquet files between this project and pyarrow: its pages, and the checksums of both. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emptyTable, rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { startPython } from '../../../pipeline/engines/spark/local/python.ts';
import { readParquetFile } from '../../../pipeline/parquet/read/read.ts';
import { writeParquet } from '../../../pipeline/parquet/write/write.ts';
import { localStore } from '../../../pipeline/storage/local.ts';
import { everyType, inFolder } from '../../delta/delta_tables.ts';
import { deltalake, describeReal } from '../systems.ts';

const schema = { key: 'bigint', known: 'boolean', place: 'array<double>' } as const;

async function readRows(folder: string) {
  const table = emptyTable(schema);
  const length = await readParquetFile(localStore(folder), 'file.parquet', table);
  return rowsOf({ ...table, length });
}

describeReal('Parquet files of pyarrow', [deltalake], () => {
  let python: ReturnType<typeof startPython>;
  beforeAll(() => {
    python = startPython({ environment: 'spark' });
  });
  afterAll(() => python.stop());

  const write = (folder: string, rows: readonly object[], options: object) =>
    python.run(
      `
import pyarrow as pa, pyarrow.parquet as pq
schema = pa.schema([("key", pa.int64()), ("known", pa.bool_()), ("place", pa.list_(pa.float64()))])
pq.write_table(pa.Table.from_pylist(input["rows"], schema=schema), input["at"], **input["options"])
output = None`,
      { at: join(folder, 'file.parquet'), rows, options },
    );

  it('are read whatever the version and the size of pages, also where a page begins within a list', async () => {
    const rowsOfLists = fc.array(
      fc.record({
        key: fc.option(fc.integer()),
        known: fc.option(fc.boolean()),
        place: fc.option(fc.array(fc.integer({ min: 0, max: 3 }).map(Number), { maxLength: 30 })),
      }),
      { minLength: 1, maxLength: 40 },
    );
    const options = fc.record({
      data_page_version: fc.constantFrom('1.0', '2.0'),
      // Bytes, judged after each batch of so many values.
      data_page_size: fc.constantFrom(8, 64, 1 << 20),
      write_batch_size: fc.constantFrom(1, 3, 1024),
      row_group_size: fc.constantFrom(7, 1000),
      use_dictionary: fc.boolean(),
      write_page_checksum: fc.boolean(),
      compression: fc.constantFrom('snappy', 'none', 'zstd'),
    });
    await fc.assert(
      fc.asyncProperty(rowsOfLists, options, (rows, chosen) =>
        inFolder(async (folder) => {
          await write(folder, rows, chosen);
          expect(await readRows(folder)).toEqual(rows);
        }),
      ),
      { numRuns: 200 },
    );
  }, 120_000);

  it('are refused when a bit of a page has flipped', () =>
    inFolder(async (folder) => {
      const rows = Array.from({ length: 9 }, (_, key) => ({ key, known: key % 2 === 0, place: [key, key] }));
      const plain = { write_page_checksum: true, compression: 'none', use_dictionary: false };
      await write(folder, rows, plain);
      const file = join(folder, 'file.parquet');
      const bytes = await readFile(file);
      const values = bytes.indexOf(Buffer.from(new BigInt64Array([6n, 7n]).buffer));
      bytes[values] = 5;
      await writeFile(file, bytes);
      await expect(readRows(folder)).rejects.toThrow(
        /file\.parquet cannot be read: the column "key": the page at byte 0 of its chunk does not have the checksum/,
      );
    }));

  it('and of this project: pyarrow checks the checksums that it wrote', () =>
    inFolder(async (folder) => {
      const rows = Array.from({ length: 500 }, (_, key) => ({ key, name: `name ${key % 7}`, place: [key] }));
      const parts: Uint8Array[] = [];
      await writeParquet(tableOfRows(everyType, rows), async (bytes) => {
        parts.push(bytes.slice());
      });
      const bytes = Buffer.concat(parts);
      const file = join(folder, 'file.parquet');
      const keys = () =>
        python.run(
          `
import pyarrow.parquet as pq
output = pq.read_table(input, page_checksum_verification=True).column("key").to_pylist()`,
          file,
        );
      await writeFile(file, bytes);
      expect(await keys()).toEqual(rows.map(({ key }) => key));
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      await writeFile(file, bytes);
      await expect(keys()).rejects.toThrow(/CRC checksum verification failed/);
    }));
});
