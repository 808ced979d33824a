/** The loops over strings in WebAssembly: fields of which some strings must leave them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StringColumn } from '../../pipeline/columns/column.ts';
import { PlainByteArrays } from '../../pipeline/columns/plain_byte_arrays.ts';
import { columnAt } from '../../pipeline/columns/table.ts';
import { joinWords } from '../../pipeline/datasets/join_words.ts';
import { type DecodedColumns, Decoder } from '../../pipeline/json/decoder.ts';
import { type Dataset, dataset } from '../../pipeline/plan/dataset.ts';
import { blankToNull, nullWhen, removePrefix, startsWith } from '../../pipeline/plan/expression.ts';
import { WasmModule } from '../../pipeline/wasm_module.ts';

const common = { description: 'Strings.', sourceTable: 'strings', key: 'key' } as const;

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

function isBlank(value: string | null): boolean {
  return value === null || /^[ \t\n\r]*$/.test(value);
}

function cleaned(word: string | null): string | null {
  if (word === null || word.startsWith('none')) {
    return null;
  }
  const rest = word.startsWith('a ') ? word.slice(2) : word;
  return isBlank(rest) ? null : rest;
}

function joined([word, other]: Words): string | null {
  const first = isBlank(word) ? null : word;
  return first === null ? other : other === null ? first : `${first} ${other}`;
}

function linesOf(values: readonly Words[]): Buffer {
  return Buffer.from(values.map(([word, other], key) => JSON.stringify({ key, word, other })).join('\n'));
}

/** The values of a column decoded from lines. */
function decoded(events: Dataset, lines: Buffer, name: string, options: DecodedColumns = {}) {
  const decoder = new Decoder(events, options);
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

describe('strings', () => {
  it('decodes strings as cleaned, whether interned, joined or only written', () =>
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

  it('keeps codes across calls, and forgets them with a new dictionary', () => {
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

  it('decodes strings that are only written, whatever was written before', () => {
    const two = dataset({
      ...common,
      name: 'two',
      raw: { key: 'bigint', word: 'text', other: 'text' },
      clean: (raw) => ({ key: raw.key, word: cleanWord(raw.word), other: blankToNull(raw.other) }),
    });
    const decoder = new Decoder(two, { columns: ['key'], storesAll: true });
    // Later strings are not looked up once most of the first ones are distinct.
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

  it('distinguishes strings of equal hashes', () => {
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
      if (other !== undefined) {
        values.push([text, text], [other, other]);
      }
    }
    // About n²/2³³ pairs of n strings.
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
    ['slots', ''],
    ['bytes', ', a text that needs many more bytes'],
  ])('decodes more strings than a table has %s for', (_, end) => {
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

  it('remembers strings within their table', () => {
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

  it('decodes short and long strings beyond a full table, and more names than the table of pairs holds', () => {
    const text = (i: number) =>
      i % 1000 === 0 ? 'long '.repeat(300 + (i % 7)) : `text ${i}, ${'and more of it '.repeat(i % 9)}`;
    // The first ones repeat after the others, when the table is full.
    const values = Array.from({ length: 60_000 }, (_, i): Words => {
      const which = i < 40_000 ? i : (i * 7919) % 40_000;
      return [text(which), `name ${which % 700}`];
    });
    const shared = { dictionariesOf: { columns: { word: new StringColumn(), both: new StringColumn() } } };
    const lines = linesOf(values);
    expect(decoded(words, lines, 'word', shared)).toEqual(values.map(([first]) => first));
    expect(decoded(words, lines, 'both')).toEqual(values.map(joined));
  });

  it('decodes more columns than there are tables', () => {
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
