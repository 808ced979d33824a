/** The loops over texts in WebAssembly: most texts of a field never leave them, so that here are fields of which some must. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CleanDecoder, type DecodedColumns } from '../../pipeline/lake/decode.ts';
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
import { TextColumn } from '../../pipeline/table/column.ts';
import { columnAt } from '../../pipeline/table/columnar_table.ts';

const common = { description: 'Texts.', sourceTable: 'texts', key: 'key' } as const;

const words = dataset({
  ...common,
  name: 'words',
  raw: { key: 'bigint', word: 'text', other: 'text' },
  clean: (raw) => ({
    key: raw.key,
    word: nullWhen(blankToNull(removePrefix(raw.word, 'a ')), startsWith(raw.word, 'none')),
    both: joinWords(blankToNull(raw.word), raw.other),
  }),
});

type Words = readonly [word: string | null, other: string | null];

function cleaned(word: string | null): string | null {
  if (word === null || word.startsWith('none')) return null;
  const rest = word.startsWith('a ') ? word.slice(2) : word;
  return /^[ \t\n\r]*$/.test(rest) ? null : rest;
}

function joined([word, other]: Words): string | null {
  const known = word === null || /^[ \t\n\r]*$/.test(word) ? null : word;
  return known === null ? other : other === null ? known : `${known} ${other}`;
}

function linesOf(values: readonly Words[]): Buffer {
  return Buffer.from(values.map(([word, other], key) => JSON.stringify({ key, word, other })).join('\n'));
}

/** The values of a column that comes of lines, as it is and as it is written. */
function decoded(of: Dataset, lines: Buffer, name: string, options: DecodedColumns = {}) {
  const decoder = new CleanDecoder(of, options);
  decoder.decodeLines(lines, (line, reason) => expect.fail(`${reason}: ${line}`));
  return valuesOf(decoder, name);
}

function valuesOf(decoder: CleanDecoder, name: string) {
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
    const shared = { word: new TextColumn(), both: new TextColumn() };
    for (const options of [{}, { dictionariesOf: { columns: shared } }]) {
      const decoder = new CleanDecoder(words, options);
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

  it('are more than a table remembers: short ones, long ones, and more names than have a place', () => {
    const text = (i: number) =>
      i % 1000 === 0 ? 'long '.repeat(300 + (i % 7)) : `text ${i}, ${'and more of it '.repeat(i % 9)}`;
    // The first ones come again behind the others, so that the table is full when they do.
    const values = Array.from({ length: 60_000 }, (_, i): Words => {
      const which = i < 40_000 ? i : (i * 7919) % 40_000;
      return [text(which), `name ${which % 700}`];
    });
    const shared = { dictionariesOf: { columns: { word: new TextColumn(), both: new TextColumn() } } };
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
    const decoder = new CleanDecoder(wide);
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
        const lines = values.map((at, key) => JSON.stringify({ key, at, followers: null }));
        const expected = values.map((at) => (at === null ? null : parseUtcTimestamp(at)));
        expect(decoded(counted, Buffer.from(lines.join('\n')), 'at')).toEqual(expected);
      }),
      { numRuns: 200 },
    ));
});
