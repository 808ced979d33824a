import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { StringColumn } from '../../pipeline/columns/column.ts';
import { PlainByteArrays, type StoredTable } from '../../pipeline/columns/plain_byte_arrays.ts';
import { Decoder } from '../../pipeline/json/decoder.ts';
import { writeParquet } from '../../pipeline/parquet/write/write.ts';
import { dataset } from '../../pipeline/plan/dataset.ts';
import { blankToNull, nullWhen, startsWith } from '../../pipeline/plan/expression.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.constantFrom(
    '',
    'a',
    'abc',
    'abcd',
    'abcde',
    'https://example.org/12345678',
    'https://example.org/1234567',
  ),
);
const texts = fc.array(fc.option(text), { maxLength: 60 });

function columnOfTexts(values: readonly (string | null)[]): StringColumn {
  const column = new StringColumn();
  for (const value of values) {
    column.add(value);
  }
  return column;
}

const schema = { name: 'text' } as const;

async function written(table: StoredTable) {
  const parts: Uint8Array[] = [];
  const statistics = await writeParquet(table, async (bytes) => {
    parts.push(bytes.slice());
  });
  const file = Uint8Array.from(Buffer.concat(parts)).buffer;
  const rows = await parquetReadObjects({
    file: { byteLength: file.byteLength, slice: (start, end) => file.slice(start, end) },
    compressors,
  });
  return { statistics, metadata: parquetMetadata(file), names: rows.map(({ name }) => name ?? null) };
}

const stored = (name: StringColumn | PlainByteArrays): StoredTable => ({
  schema,
  columns: { name },
  length: name.length,
});

describe('plain byte arrays', () => {
  it('hold the strings of a column, and gather rows', () =>
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), (values, picks) => {
        const plain = PlainByteArrays.of(columnOfTexts(values));
        const all = Array.from({ length: plain.length }, (_, row) => plain.at(row));
        expect(all).toEqual(values);
        const rows = values.length === 0 ? [] : picks.map((pick) => pick % values.length);
        const some = plain.gather(Int32Array.from(rows));
        expect(rows.map((_, i) => some.at(i))).toEqual(rows.map((row) => values[row]));
        expect(some.length).toBe(rows.length);
        expect(plain.at(values.length)).toBeNull();
        // The next ones lie in the same memory.
        plain.release();
      }),
    ));

  it('are written with the rows and statistics of a string column', () =>
    fc.assert(
      fc.asyncProperty(texts, async (values) => {
        const column = columnOfTexts(values);
        const plain = await written(stored(PlainByteArrays.of(column)));
        const coded = await written(stored(column));
        expect(plain.names).toEqual(values);
        expect(plain.statistics).toEqual(coded.statistics);
        expect(plain.metadata.row_groups[0]?.columns[0]?.meta_data?.statistics).toEqual(
          coded.metadata.row_groups[0]?.columns[0]?.meta_data?.statistics,
        );
      }),
    ));

  it('are written as row groups and pages that end after many rows or bytes', async () => {
    const plain = PlainByteArrays.of(
      columnOfTexts(
        Array.from({ length: 140_000 }, (_, row) =>
          row % 9 === 0 ? null : row < 3 ? `${row}`.repeat(2_000_000) : `text ${row}`,
        ),
      ),
    );
    const { metadata, names, statistics } = await written(stored(plain));
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([131_072, 8928]);
    expect(metadata.row_groups[0]?.columns[0]?.meta_data?.encoding_stats).toEqual([
      { page_type: 'DATA_PAGE_V2', encoding: 'PLAIN', count: 6 },
    ]);
    expect(names).toEqual(Array.from({ length: plain.length }, (_, row) => plain.at(row)));
    expect(statistics.name?.nulls).toBe(15_556);
  });
});

describe('a column that is only written', () => {
  const note = dataset({
    name: 'note',
    description: 'Texts that come again, and texts that do not.',
    sourceTable: 'note_data',
    key: 'key',
    raw: { key: 'bigint', colour: 'text', address: 'text' },
    clean: ({ key, colour, address }) => ({
      key,
      colour: blankToNull(colour),
      address: nullWhen(blankToNull(address), startsWith(address, 'none')),
    }),
  });

  const addressOf = (row: number) =>
    row % 10 === 3 ? null : row % 10 === 5 ? 'none at all' : row % 10 === 7 ? `"\n${row}é` : `address ${row}`;
  const colours = ['red', 'green', ' ', 'blue "\n'];

  function decoder(columns: readonly string[], rows: number) {
    const made = new Decoder(note, { columns, storesAll: true });
    const lines = Array.from({ length: rows }, (_, key) =>
      JSON.stringify({ key, colour: colours[key % 4], address: addressOf(key) }),
    );
    made.decodeLines(Buffer.from(lines.join('\n')), () => expect.fail('all are events'));
    return made;
  }

  it.each([100, 4095, 4096, 4224, 10_000])(
    'holds the same texts as one that is wanted, of %i rows',
    (rows) => {
      const wanted = decoder(['key', 'colour', 'address'], rows).take();
      const { rows: some, stored: all } = decoder(['key'], rows).takeStored();
      expect(Object.keys(some.columns)).toEqual(['key']);
      expect(all.schema).toEqual(note.cleaning.schema);
      expect(all.columns.key).toBe(some.columns.key);
      for (const name of ['colour', 'address']) {
        const column = all.columns[name] ?? expect.fail(`no ${name}`);
        expect(column.length).toBe(rows);
        expect(Array.from({ length: rows }, (_, row) => column.at(row))).toEqual([
          ...(wanted.columns[name] ?? []),
        ]);
      }
    },
  );

  it('has codes when its strings repeat, and none when most of many are distinct', () => {
    const { stored: few } = decoder(['key'], 1000).takeStored();
    expect([few.columns.colour, few.columns.address].map((column) => column?.constructor)).toEqual([
      StringColumn,
      StringColumn,
    ]);
    const { stored: many } = decoder(['key'], 10_000).takeStored();
    expect([many.columns.colour, many.columns.address].map((column) => column?.constructor)).toEqual([
      StringColumn,
      PlainByteArrays,
    ]);
  });

  it('starts empty after each take, and remembers that its strings are distinct', () => {
    const made = decoder(['key'], 10_000);
    made.takeStored();
    made.decodeLines(Buffer.from('{"key":1,"colour":"red","address":"here"}'), () => {});
    const { stored: next } = made.takeStored();
    expect(next.length).toBe(1);
    expect(next.columns.address).toBeInstanceOf(PlainByteArrays);
    expect(next.columns.colour).toBeInstanceOf(StringColumn);
    expect(next.columns.address?.at(0)).toBe('here');
  });

  it('holds the strings of a wanted column, once it has no codes', () => {
    const made = decoder(['key'], 10_000);
    made.takeStored();
    const wanted = new Decoder(note, { columns: ['address'] });
    const odd = fc.oneof(text, fc.constantFrom(' ', '\t', 'none', 'nonesuch', 'no', '\u0000"\\', '🂡'));
    fc.assert(
      fc.property(fc.array(fc.option(odd), { minLength: 1, maxLength: 300 }), (addresses) => {
        const lines = addresses.map((address, key) => JSON.stringify({ key, colour: 'red', address }));
        for (const each of [made, wanted]) {
          each.decodeLines(Buffer.from(lines.join('\n')), () => {});
        }
        const column = made.takeStored().stored.columns.address;
        if (!(column instanceof PlainByteArrays)) {
          return expect.fail('it has codes');
        }
        const actual = Array.from({ length: column.length }, (_, row) => column.at(row));
        column.release();
        expect(actual).toEqual([...(wanted.take().columns.address ?? [])]);
      }),
    );
  });
});
