/** The loops over texts in WebAssembly: most texts of a field never leave them, so that here are fields of which some must. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StringColumn } from '../../pipeline/columns/column.ts';
import { columnAt } from '../../pipeline/columns/table.ts';
import { type DecodedColumns, Decoder } from '../../pipeline/json/decoder.ts';
import { PlainByteArrays } from '../../pipeline/parquet/plain_byte_arrays.ts';
import { type Dataset, dataset } from '../../pipeline/plan/dataset.ts';
import {
  blankToNull,
  followerCount,
  joinWords,
  nullWhen,
  parseTimestamp,
  removePrefix,
  startsWith,
} from '../../pipeline/plan/expression.ts';
import { parseUtcTimestamp } from '../../pipeline/plan/timestamp.ts';
import { WasmModule } from '../../pipeline/wasm_module.ts';

const common = { description: 'Texts.', sourceTable: 'texts', key: 'key' } as const;

const cleanWord = (word: Parameters<typeof blankToNull>[0]) =>
  nullWhen(blankToNull(removePrefix(word, 'a ')), startsWith(word, 'none'));

const words = dataset({
  ...common,
  name: 'words',
  raw: { key: 'bigint', word: 'text', other: 'text' },
  clean: (raw) => ({
    key: raw.key,
    word: cleanWord(raw.word),
    both: joinWords(blankToNull(raw.word), raw.other),
  }),
});

type Words = readonly [word: string | null, other: string | null];

function isBlank(text: string | null): boolean {
  return text === null || /^[ \t\n\r]*$/.test(text);
}

function cleaned(word: string | null): string | null {
  if (word === null || word.startsWith('none')) return null;
  const rest = word.startsWith('a ') ? word.slice(2) : word;
  return isBlank(rest) ? null : rest;
}

function joined([word, other]: Words): string | null {
  const known = isBlank(word) ? null : word;
  return known === null ? other : other === null ? known : `${known} ${other}`;
}

function linesOf(values: readonly Words[]): Buffer {
  return Buffer.from(values.map(([word, other], key) => JSON.stringify({ key, word, other })).join('\n'));
}

/** The values of a column that comes of lines, as it is and as it is written. */
function decoded(of: Dataset, lines: Buffer, name: string, options: DecodedColumns = {}) {
  const decoder = new Decoder(of, options);
  decoder.decodeLines(lines, (line, reason) => expect.fail(`${reason}: ${line}`));
  return valuesOf(decoder, name);
}

function valuesOf(decoder: Decoder, name: string) {
  const { stored } = decoder.takeStored();
  const column = columnAt(stored, name);
  return Array.from({ length: stored.length }, (_, row) => column.at(row));
}

const word = fc.option(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom('', ' ', 'a', 'a ', 'a a', 'a  \t', 'none', 'none of it', 'nonsense'),
    },
    { weight: 4, arbitrary: fc.nat(400).map((n) => `text ${n} `.repeat(1 + (n % 7))) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => 'x'.repeat(n)) },
    { weight: 1, arbitrary: fc.constantFrom('a"quote', 'a \\', 'line\nend', '\u0001', 'é'.repeat(9)) },
  ),
);
const manyWords = fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 900, size: 'max' });

describe('texts', () => {
  it('are what cleaning makes of them, each found by its code, joined, or only written', () =>
    fc.assert(
      fc.property(manyWords, (values) => {
        const lines = linesOf(values);
        const expected = values.map(([first]) => cleaned(first));
        expect(decoded(words, lines, 'word')).toEqual(expected);
        expect(decoded(words, lines, 'both')).toEqual(values.map(joined));
        expect(decoded(words, lines, 'word', { columns: ['key'], storesAll: true })).toEqual(expected);
      }),
      { numRuns: 60 },
    ));

  it('keep their codes from one piece to the next, and get new ones where the dictionary is new', () => {
    const values = Array.from({ length: 500 }, (_, i): Words => [`text ${i % 90}`, `more ${i % 80}`]);
    const shared = { word: new StringColumn(), both: new StringColumn() };
    for (const options of [{}, { dictionariesOf: { columns: shared } }]) {
      const decoder = new Decoder(words, options);
      for (const from of [0, 17, 250]) {
        const piece = values.slice(from);
        decoder.decodeLines(linesOf(piece), () => {});
        const { columns } = decoder.take();
        expect([...(columns.word ?? [])]).toEqual(piece.map(([first]) => first));
        expect([...(columns.both ?? [])]).toEqual(piece.map(joined));
      }
    }
    expect(shared.word.dictionary.size).toBe(90);
  });

  it('that are only written are as cleaned, whatever was written before', () => {
    const two = dataset({
      ...common,
      name: 'two',
      raw: { key: 'bigint', word: 'text', other: 'text' },
      clean: (raw) => ({ key: raw.key, word: cleanWord(raw.word), other: blankToNull(raw.other) }),
    });
    const decoder = new Decoder(two, { columns: ['key'], storesAll: true });
    // When most of the first texts are different, the next are not looked for.
    decoder.decodeLines(
      linesOf(Array.from({ length: 6000 }, (_, i): Words => [`text ${i}`, `other ${i}`])),
      () => {},
    );
    const { stored } = decoder.takeStored();
    expect(stored.columns).toMatchObject({
      word: expect.any(PlainByteArrays),
      other: expect.any(PlainByteArrays),
    });
    fc.assert(
      fc.property(manyWords, (values) => {
        decoder.decodeLines(linesOf(values), () => {});
        const { columns } = decoder.takeStored().stored;
        const at = (name: string) => values.map((_, row) => columns[name]?.at(row));
        expect(at('word')).toEqual(values.map(([first]) => cleaned(first)));
        expect(at('other')).toEqual(values.map(([, other]) => (isBlank(other) ? null : other)));
      }),
      { numRuns: 60 },
    );
  });

  it('are told apart where their hashes are the same', () => {
    const module = new WasmModule(new URL('../../pipeline/json/wasm/lines.wasm', import.meta.url));
    const start = module.number('window');
    const memory = new Uint8Array(module.memory.buffer);
    const hashOf = module.function('hashOf');
    const met = new Map<number, string>();
    const values: Words[] = [];
    for (let i = 0; i < 800_000; i += 1) {
      const text =
        [`short ${i}`, `${i} of a text that is longer`, `the text of the number ${i}`][i % 3] ?? '';
      const { written } = new TextEncoder().encodeInto(text, memory.subarray(start));
      const hash = hashOf(start, written);
      const other = met.get(hash);
      met.set(hash, text);
      if (other !== undefined) values.push([text, text], [other, other]);
    }
    // About n²/2³³ pairs of n texts.
    expect(values.length).toBeGreaterThan(4);
    const again = [...values, ...values, ...values.toReversed()];
    const shared = { dictionariesOf: { columns: { word: new StringColumn() } } };
    const decoder = new Decoder(words, shared);
    for (let round = 0; round < 3; round += 1) {
      decoder.decodeLines(linesOf(again), () => {});
      expect([...(decoder.take().columns.word ?? [])]).toEqual(again.map(([text]) => text));
    }
  });

  it.each([
    ['slots for', ''],
    ['bytes for', ', a text that needs many more bytes'],
  ])('are more than a table has %s', (_, end) => {
    const values = Array.from(
      { length: 120_000 },
      (_, i): Words => [`${i % 60_000}${end}`, `a ${i % 50_000}${end}`],
    );
    const both = dataset({
      ...common,
      name: 'both',
      raw: { key: 'bigint', word: 'text', other: 'text' },
      clean: (raw) => raw,
    });
    const decoder = new Decoder(both);
    decoder.decodeLines(linesOf(values), () => {});
    const { columns } = decoder.take();
    expect([...(columns.word ?? [])]).toEqual(values.map(([text]) => text));
    expect([...(columns.other ?? [])]).toEqual(values.map(([, text]) => text));
  });

  it('are remembered within their table', () => {
    const module = new WasmModule(new URL('../../pipeline/json/wasm/lines.wasm', import.meta.url));
    const memory = new Uint8Array(module.memory.buffer);
    const [window, table, size] = [
      module.number('window'),
      module.number('tables'),
      module.number('tableBytes'),
    ];
    const remember = module.function('remember');
    for (let i = 0; i < 60_000; i += 1) {
      const { written } = new TextEncoder().encodeInto(
        `${i}, which needs a few more bytes`,
        memory.subarray(window),
      );
      remember(table, window, written, i);
    }
    expect(memory.subarray(table, table + size).some((byte) => byte > 0)).toBe(true);
    expect(memory.subarray(table + size, table + 2 * size).every((byte) => byte === 0)).toBe(true);
  });

  it('are more than a table remembers: short ones, long ones, and more names than have a place', () => {
    const text = (i: number) =>
      i % 1000 === 0 ? 'long '.repeat(300 + (i % 7)) : `text ${i}, ${'and more of it '.repeat(i % 9)}`;
    // The first ones come again behind the others, so that the table is full when they do.
    const values = Array.from({ length: 60_000 }, (_, i): Words => {
      const which = i < 40_000 ? i : (i * 7919) % 40_000;
      return [text(which), `name ${which % 700}`];
    });
    const shared = { dictionariesOf: { columns: { word: new StringColumn(), both: new StringColumn() } } };
    const lines = linesOf(values);
    expect(decoded(words, lines, 'word', shared)).toEqual(values.map(([first]) => first));
    expect(decoded(words, lines, 'both')).toEqual(values.map(joined));
  });

  it('of more columns than there are tables', () => {
    const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const wide = dataset({
      ...common,
      name: 'wide',
      raw: { key: 'bigint', ...Object.fromEntries(names.map((name) => [name, 'text' as const])) },
      clean: (raw) => raw,
    });
    const rows = Array.from({ length: 300 }, (_, key) =>
      Object.fromEntries([
        ['key', key],
        ...names.map((name, i) => [name, `${name} ${(key * (i + 1)) % 37}`]),
      ]),
    );
    const decoder = new Decoder(wide);
    for (let round = 0; round < 40; round += 1) {
      decoder.decodeLines(Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')), () => {});
    }
    const { columns } = decoder.take();
    for (const name of names) {
      const values = rows.map((row) => row[name]);
      expect([...(columns[name] ?? [])].slice(-2 * rows.length)).toEqual([...values, ...values]);
    }
  });
});

describe('numbers that texts stand for', () => {
  const counted = dataset({
    ...common,
    name: 'counted',
    raw: { key: 'bigint', at: 'text', followers: 'text' },
    clean: (raw) => ({ key: raw.key, at: parseTimestamp(raw.at), followers: followerCount(raw.followers) }),
  });

  const two = (n: number) => String(n).padStart(2, '0');
  const parts = fc.tuple(
    fc.integer({ min: 0, max: 9999 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
    fc.integer({ min: 0, max: 24 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 60 }),
    fc.constantFrom(' ', 'T'),
  );
  const timestamp = parts.map(
    ([year, month, day, hour, minute, second, between]) =>
      `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}${between}${two(hour)}:${two(minute)}:${two(second)}`,
  );
  /** One with a byte changed, or more or fewer of them. */
  const changed = fc
    .tuple(
      timestamp,
      fc.nat(19),
      fc.constantFrom('', '0', '9', '/', ':', '-', ' ', 'T', 't', '"', 'é', '\u0000'),
    )
    .map(([text, at, byte]) => text.slice(0, at) + byte + text.slice(at + 1));
  const any = fc.option(
    fc.oneof(timestamp, changed, fc.constantFrom('', '2024-02-29 00:00:00', '1900-02-29 00:00:00')),
  );

  it('timestamps are what plan/timestamp.ts reads', () =>
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 300, size: 'max' }), (values) => {
        // Every other one has an escape where it has a hyphen.
        const lines = values.map((at, key) => {
          const line = JSON.stringify({ key, at, followers: null });
          return key % 2 === 0 ? line : line.replace(/(\d)-/, '$1\\u002d');
        });
        const expected = values.map((at) => (at === null ? null : parseUtcTimestamp(at)));
        expect(decoded(counted, Buffer.from(lines.join('\n')), 'at')).toEqual(expected);
      }),
      { numRuns: 200 },
    ));
});
