import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { columnOf, StringColumn } from '../../pipeline/columns/column.ts';
import { type ColumnarTable, columnarTable, type Row, tableOfRows } from '../../pipeline/columns/table.ts';
import { writeParquet } from '../../pipeline/parquet/write/write.ts';
import type { Schema } from '../../pipeline/plan/types.ts';
import { everyType, rowsOfEveryType } from '../delta/delta_tables.ts';

async function written(table: ColumnarTable) {
  const parts: Uint8Array[] = [];
  const statistics = await writeParquet(table, async (bytes) => {
    parts.push(bytes.slice());
    // Others write meanwhile.
    await Promise.resolve();
  });
  const bytes = Buffer.concat(parts);
  return { bytes: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), statistics };
}

const number = z.custom<number>((value) => typeof value === 'number');
const plainValue = z
  .union([number, z.bigint().transform(Number), z.string(), z.boolean(), z.array(number)])
  .nullish()
  .transform((value) => value ?? null);

/** The rows as a reader that is not ours gives them. */
async function readBy(bytes: ArrayBuffer, schema: Schema): Promise<Row[]> {
  const rows = await parquetReadObjects({
    file: { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) },
    compressors,
  });
  return rows.map((row) =>
    Object.fromEntries(
      Object.keys(schema).map((name) => {
        const value: unknown = row[name];
        return [name, plainValue.parse(value instanceof Date ? value.getTime() : value)];
      }),
    ),
  );
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function numbersAndTexts(count: number, name: (row: number) => string | null): ColumnarTable {
  const rows = Array.from({ length: count }, (_, row) => row);
  return columnarTable(
    { key: 'bigint', name: 'text', place: 'array<double>' },
    {
      key: columnOf(
        'bigint',
        rows.map((row) => (row % 11 === 3 ? null : row * 1_000_003)),
      ),
      name: columnOf('text', rows.map(name)),
      place: columnOf(
        'array<double>',
        rows.map((row) => (row % 5 === 0 ? null : row % 5 === 1 ? [] : [row, -row])),
      ),
    },
  );
}

describe('a Parquet file', () => {
  it('holds every type, with nulls, extremes and odd strings', () =>
    fc.assert(
      fc.asyncProperty(rowsOfEveryType, async (rows) => {
        const { bytes } = await written(tableOfRows(everyType, rows));
        expect(await readBy(bytes, everyType)).toEqual(rows);
      }),
      { numRuns: 100 },
    ));

  it.each([
    ['all different', (row: number) => `text ${row}`],
    ['a few', (row: number) => (row % 7 === 0 ? null : `text ${row % 1000}`)],
    ['others in the second row group', (row: number) => `text ${(row % 1000) + (row < 131_072 ? 0 : 500)}`],
    ['one', () => 'one'],
    ['none', () => null],
  ])('holds several row groups and pages, of strings: %s', async (_, name) => {
    const table = numbersAndTexts(150_001, name);
    const { bytes } = await written(table);
    expect(parquetMetadata(bytes).row_groups.map(({ num_rows }) => num_rows)).toEqual([131_072n, 18_929n]);
    const read = await readBy(bytes, table.schema);
    expect(read.map(({ key }) => key)).toEqual([...(table.columns.key ?? [])]);
    expect(read.map((row) => row.name)).toEqual([...(table.columns.name ?? [])]);
    expect(read.map(({ place }) => place)).toEqual([...(table.columns.place ?? [])]);
  });

  it('holds slices of larger columns', async () => {
    const table = numbersAndTexts(1000, (row) => `text ${row % 10}`);
    const part = Object.fromEntries(
      Object.entries(table.columns).map(([name, column]) => [name, column.slice(395, 405)]),
    );
    const { bytes, statistics } = await written(columnarTable(table.schema, part));
    expect((await readBy(bytes, table.schema)).map(({ place }) => place)).toEqual([...(part.place ?? [])]);
    expect(statistics.key).toEqual({ nulls: 1, min: 395 * 1_000_003, max: 404 * 1_000_003 });
  });

  it('begins a new page after long strings', async () => {
    const name = new StringColumn();
    for (let row = 0; row < 5; row += 1) {
      name.add(`${row}`.repeat(700_000));
    }
    const { bytes } = await written(columnarTable({ name: 'text' }, { name }));
    const [group] = parquetMetadata(bytes).row_groups;
    expect(group?.columns[0]?.meta_data?.encoding_stats).toEqual([
      { page_type: 'DATA_PAGE_V2', encoding: 'PLAIN', count: 3 },
    ]);
    expect((await readBy(bytes, { name: 'text' })).map((row) => String(row.name).length)).toEqual(
      Array(5).fill(700_000),
    );
  });

  it('states nulls, smallest and largest value of each row group and of the file', async () => {
    const { bytes, statistics } = await written(
      numbersAndTexts(140_000, (row) => `${(row * 7919) % 140_000}`),
    );
    const { row_groups: groups } = parquetMetadata(bytes);
    const stated = groups.map(({ columns }) => columns[0]?.meta_data?.statistics);
    expect(stated.map((found) => found?.max_value)).toEqual([131_071n * 1_000_003n, 139_999n * 1_000_003n]);
    expect(stated.reduce((sum, found) => sum + Number(found?.null_count), 0)).toBe(statistics.key?.nulls);
    expect(statistics.key).toEqual({ nulls: 12_727, min: 0, max: 139_999 * 1_000_003 });
    expect(statistics.name).toEqual({ nulls: 0, min: utf8('0'), max: utf8('99999') });
  });

  it('is the same when other files are written at the same time', async () => {
    const tables = [
      numbersAndTexts(40_000, (row) => `text ${row % 1000}`),
      numbersAndTexts(40_000, (row) => (row % 3 === 0 ? null : `another text ${row}`)),
      numbersAndTexts(70_000, (row) => `one of ${row % 90}`),
    ];
    const alone: ArrayBuffer[] = [];
    for (const table of tables) {
      alone.push((await written(table)).bytes);
    }
    const together = await Promise.all(tables.map(written));
    for (const [i, { bytes }] of together.entries()) {
      expect(Buffer.compare(Buffer.from(bytes), Buffer.from(alone[i] ?? new ArrayBuffer(0)))).toBe(0);
    }
  });

  it('orders strings by their UTF-8, not by UTF-16 units', async () => {
    const texts = ['ﬀ', '🂡', 'z', null];
    const { statistics } = await written(
      tableOfRows(
        { name: 'text' },
        texts.map((name) => ({ name })),
      ),
    );
    expect(statistics.name).toEqual({ nulls: 1, min: utf8('z'), max: utf8('🂡') });
  });
});
