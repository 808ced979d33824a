import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { parquetWriteBuffer, type SchemaElement } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { emptyTable, type Row, rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { readParquetFile } from '../../pipeline/parquet/read/read.ts';
import { parquetSchema, writeParquet } from '../../pipeline/parquet/write/write.ts';
import type { Schema } from '../../pipeline/plan/types.ts';
import { everyType, rowsOfEveryType } from '../delta/delta_tables.ts';
import { type Files, memoryStorage } from '../support/memory_storage.ts';

async function readRows(bytes: Uint8Array<ArrayBuffer>, schema: Schema): Promise<Row[]> {
  const files: Files = new Map([['file', { bytes, modified: 0 }]]);
  const table = emptyTable(schema);
  const length = await readParquetFile(memoryStorage(files), 'file', table);
  return rowsOf({ ...table, length });
}

async function written(schema: Schema, rows: readonly Row[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  await writeParquet(tableOfRows(schema, rows), async (bytes) => {
    parts.push(bytes.slice());
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** The same rows by hyparquet-writer: its dictionaries, pages and codecs. */
function writtenByOther(
  schema: Schema,
  rows: readonly Row[],
  options: { codec?: 'SNAPPY' | 'UNCOMPRESSED'; pageSize?: number; required?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const { required = false, ...others } = options;
  const elements = parquetSchema(schema).map(
    (element): SchemaElement =>
      required && element.type ? { ...element, repetition_type: 'REQUIRED' } : element,
  );
  const columnData = Object.entries(schema).map(([name, type]) => ({
    name,
    data: rows.map((row) => {
      const value = row[name] ?? null;
      return typeof value !== 'number' || type === 'int' || type === 'double'
        ? value
        : BigInt(value) * (type === 'timestamp' ? 1000n : 1n);
    }),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, schema: elements, ...others }));
}

describe('reading Parquet', () => {
  it.each([
    ['Snappy', {}],
    ['small pages', { pageSize: 20 }],
    ['no compression', { codec: 'UNCOMPRESSED' }],
  ] as const)('gives what another writer wrote: %s', (_, options) =>
    fc.assert(
      fc.asyncProperty(rowsOfEveryType, async (rows) => {
        fc.pre(rows.length > 0);
        expect(await readRows(writtenByOther(everyType, rows, options), everyType)).toEqual(rows);
      }),
      { numRuns: 60 },
    ),
  );

  it('reads dictionaries of numbers and strings, and required columns', async () => {
    const schema = { key: 'bigint', small: 'int', share: 'double', name: 'text', at: 'timestamp' } as const;
    const rows = Array.from({ length: 3000 }, (_, row) => ({
      key: (row % 7) * 2 ** 40,
      small: 0 - (row % 5),
      share: (row % 3) / 4,
      name: `name ${row % 300}`,
      at: Date.UTC(1, 0, 1 + (row % 11)) + 253_000_000_000_000,
    }));
    for (const required of [true, false]) {
      expect(await readRows(writtenByOther(schema, rows, { required }), schema)).toEqual(rows);
    }
  });

  it('reads the columns of the table, null when the file lacks one', async () => {
    const bytes = await written({ key: 'bigint', name: 'text' }, [{ key: 1, name: 'a' }]);
    expect(await readRows(bytes, { name: 'text', share: 'double' })).toEqual([{ name: 'a', share: null }]);
  });

  it('refuses an integer that would not be exact', async () => {
    const columnData = [{ name: 'key', data: [2n ** 53n] }];
    const bytes = parquetWriteBuffer({ columnData, schema: parquetSchema({ key: 'bigint' }) });
    await expect(readRows(new Uint8Array(bytes), { key: 'bigint' })).rejects.toThrow(
      /The Parquet file memory\/file cannot be read: the column "key".*9007199254740992/,
    );
  });

  it('refuses a file with a flipped bit anywhere, or reads the same rows', async () => {
    const rows = Array.from({ length: 40 }, (_, row) => ({
      key: row % 5 === 0 ? null : row,
      small: row % 3,
      share: row / 8,
      name: row % 7 === 0 ? null : `name ${row % 4}`,
      known: row % 2 === 0,
      at: row * 1e6,
      place: row % 4 === 0 ? null : [row, row / 2],
    }));
    const bytes = await written(everyType, rows);
    const wrong: number[] = [];
    for (let flip = 0; flip < bytes.length * 2; flip += 1) {
      const [at, bit] = [flip >> 1, (flip * 5) % 8];
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      try {
        if (!isDeepStrictEqual(await readRows(damaged, everyType), rows)) {
          wrong.push(at);
        }
      } catch (error) {
        expect(String(error)).toMatch(/^ParquetError: The Parquet file memory\/file cannot be read: /);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it('returns rows or throws for a damaged file, never crashing or looping for ever', async () => {
    const rows = Array.from({ length: 40 }, (_, row) => ({ key: row, name: `${row % 4}`, place: [row] }));
    const schema = { key: 'bigint', name: 'text', place: 'array<double>' } as const;
    const bytes = await written(schema, rows);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const outcome = await readRows(damaged, schema).catch((error: Error) => error.name);
        expect(Array.isArray(outcome) ? 'rows' : outcome).toMatch(/^(rows|ParquetError)$/);
      }),
      { numRuns: 400 },
    );
  });
});
