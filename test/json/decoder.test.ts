import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StringColumn } from '../../pipeline/columns/column.ts';
import type { StringDictionary } from '../../pipeline/columns/string_dictionary.ts';
import { type ColumnarTable, emptyTable, type Row, rowsOf } from '../../pipeline/columns/table.ts';
import { pin } from '../../pipeline/datasets/index.ts';
import { joinWords } from '../../pipeline/datasets/join_words.ts';
import { Decoder } from '../../pipeline/json/decoder.ts';
import { dataset } from '../../pipeline/plan/dataset.ts';
import {
  blankToNull,
  equals,
  isNotNull,
  literal,
  nullWhen,
  parseTimestamp,
  removePrefix,
  year,
} from '../../pipeline/plan/expression.ts';
import { ageGroup } from '../../queries/age_group.ts';
import { readLine } from '../oracle/read_line.ts';
import { pinLine } from '../support/adversarial_events.ts';

const fields = {
  name: 'plain',
  description: 'A field of each type.',
  sourceTable: 'plain_data',
  key: 'key',
  raw: { key: 'bigint', size: 'double', name: 'text' },
} as const;

/** A dataset whose cleaned columns are its raw fields. */
const plain = dataset({ ...fields, clean: (raw) => raw });

function dictionaryOf(table: ColumnarTable): StringDictionary {
  const { name } = table.columns;
  return name instanceof StringColumn ? name.dictionary : expect.fail('the name is a text');
}

/** The result of decoding a line: its row, or the reason for quarantine. */
function decode(line: string | Uint8Array): Row | string {
  const decoder = new Decoder(plain);
  let reason: string | undefined;
  decoder.decodeLine(typeof line === 'string' ? Buffer.from(line) : line, (_, why) => {
    reason = why;
  });
  return reason ?? rowsOf(decoder.take())[0] ?? expect.fail('neither a row nor a reason');
}

const nothing = { key: 1, size: null, name: null };

describe('fields', () => {
  it.each<[string, Row]>([
    ['{"key":1,"size":2.5,"name":"a"}', { key: 1, size: 2.5, name: 'a' }],
    ['{"name":"a","size":2.5,"key":1}', { key: 1, size: 2.5, name: 'a' }],
    [' \t\r{ "key" : 1 , "size":2.5}\r', { key: 1, size: 2.5, name: null }],
    ['{"key":1,"other":{"key":[2,{"key":"}"}]},"name":"\\u00e9\\n\\"\\/"}', { ...nothing, name: 'é\n"/' }],
    ['{"key":1,"name":"\\ud83c\\udca1"}', { ...nothing, name: '🂡' }],
    ['{"key":1,"name":"\\ud83c!"}', { ...nothing, name: '?!' }],
    ['{"\\u006bey":1}', nothing],
    ['{"key":5,"key":1}', nothing],
    ['{"key":1,"name":"a","name":7}', nothing],
    ['{"key":1,"size":"2"}', nothing],
    ['{"key":1,"size":1e999}', nothing],
    ['{"key":1,"size":-0.0}', { ...nothing, size: 0 }],
    ['{"key":1,"size":3}', { ...nothing, size: 3 }],
    ['{"key":1,"name":true}', nothing],
    ['{"key":9007199254740991}', { ...nothing, key: 9_007_199_254_740_991 }],
    ['{"key":-9007199254740991}', { ...nothing, key: -9_007_199_254_740_991 }],
    ['{"key":-0}', { ...nothing, key: 0 }],
  ])('%s', (line, row) => {
    expect(decode(line)).toEqual(row);
  });
});

describe('missing_key', () => {
  it.each([
    '{}',
    '{"key":null}',
    '{"key":"1"}',
    '{"key":1.0}',
    '{"key":1e2}',
    '{"key":9007199254740992}',
    '{"key":[1]}',
    '{"key":1,"key":true}',
  ])('%s', (line) => {
    expect(decode(line)).toBe('missing_key');
  });
});

describe('malformed_json', () => {
  it.each([
    '',
    ' ',
    '[]',
    '1',
    '"a"',
    'null',
    '{',
    '{"key":1',
    '{"key":1}x',
    '{"key":1} {"key":2}',
    '{"key":1,}',
    '{,"key":1}',
    '{"key"}',
    "{'key':1}",
    '{"key":01}',
    '{"key":+1}',
    '{"key":.5}',
    '{"key":1.}',
    '{"key":1e}',
    '{"key":-}',
    '{"key":NaN}',
    '{"key":Infinity}',
    '{"key":True}',
    '{"key":1,"name":"\\x"}',
    '{"key":1,"name":"\\u12g4"}',
    '{"key":1,"name":"\t"}',
    '{"key":1,"name":"a}',
    '{"key":1,"other":[1,]}',
    '{"key":1,"other":[1}',
    '{"key":1,"other":{"a"}}',
    '\ufeff{"key":1}',
    '{"key":1}\u00a0',
    '{"key":1/**/}',
    ...['\t', 'a\u0001', 'abcdefgh\u001f', 'abcdefgh\u0000ijklmnop', '\\x', 'abc\\u00g0', 'abc\\'].map(
      (name) => `{"key":1,"size":2,"name":"${name}"}`,
    ),
    ...['01', '-', '-01', '1.', '1.e2', '.5', '1e', 'nul', 'nulls', 'NaN', ''].map(
      (size) => `{"key":1,"size":${size},"name":"a"}`,
    ),
    '{"key":1,"size":2,"name":"a"}x',
    '{"key":1,"size":2,"name":"a",}',
    '{"key":1,"size":2,"name":"a"',
    '{"key":1,"size":2,"name":"a',
    '{"key":1,"size":2,"name":',
    '"key":1,"size":2,"name":"a"}',
  ])('%s', (line) => {
    expect(decode(line)).toBe('malformed_json');
  });
});

describe('limits', () => {
  const nested = (depth: number) => `{"key":1,"other":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

  it('allows nesting of 500, the line itself being the first', () => {
    expect(decode(nested(500))).toEqual(nothing);
    expect(decode(nested(501))).toBe('malformed_json');
    expect(decode(nested(200_000))).toBe('malformed_json');
  });

  it('allows numbers of 1,000 characters', () => {
    expect(decode(`{"key":1,"other":${'1'.repeat(1000)}}`)).toEqual(nothing);
    expect(decode(`{"key":1,"other":${'1'.repeat(1001)}}`)).toBe('malformed_json');
  });

  it('allows names of 50,000 characters', () => {
    expect(decode(`{"key":1,"${'é'.repeat(50_000)}":2}`)).toEqual(nothing);
    expect(decode(`{"key":1,"${'é'.repeat(50_001)}":2}`)).toBe('malformed_json');
    expect(decode(`{"key":1,"other":{"${'a'.repeat(50_001)}":2}}`)).toBe('malformed_json');
  });

  it('allows an object of 16 MiB, without the white space around it', () => {
    const sized = (bytes: number) => `{"key":1,"other":"${'a'.repeat(bytes - 20)}"}`;
    expect(sized(100).length).toBe(100);
    expect(decode(` ${sized(16 * 1024 * 1024)} `)).toEqual(nothing);
    expect(decode(sized(16 * 1024 * 1024 + 1))).toBe('malformed_json');
  });
});

it('takes the texts that JSON.parse takes, whatever the byte in them or in their escapes', () => {
  for (let code = 0; code < 0x80; code += 1) {
    const character = String.fromCharCode(code);
    for (const text of [
      character,
      `\\${character}`,
      `\\u00${character}a`,
      `\\u${character}000`,
      `\\u000${character}`,
    ]) {
      for (const name of [text, `before ${text} and a long way behind`]) {
        // The fields as they are expected, which is read by another loop than any other line.
        const line = `{"key":1,"size":2,"name":"${name}"}`;
        let wanted: unknown = 'malformed_json';
        try {
          wanted = JSON.parse(line);
        } catch {}
        expect(decode(line), line).toEqual(wanted);
      }
    }
  }
});

it('reads invalid UTF-8 as U+FFFD', () => {
  const line = Buffer.concat([Buffer.from('{"key":1,"name":"a'), Buffer.from([0xff]), Buffer.from('b"}')]);
  expect(decode(line)).toEqual({ ...nothing, name: 'a\ufffdb' });
});

it('ends lines at \\n alone and starts none behind the last', () => {
  const decoder = new Decoder(plain);
  const reasons: string[] = [];
  decoder.decodeLines(Buffer.from('{"key":1}\r\n\n{"key":2}\r{"key":3}\n{"key":4}'), (line, reason) =>
    reasons.push(`${reason}: ${Buffer.from(line).toString()}`),
  );
  expect(rowsOf(decoder.take()).map((row) => row.key)).toEqual([1, 4]);
  expect(reasons).toEqual(['malformed_json: ', 'malformed_json: {"key":2}\r{"key":3}']);
});

it('agrees with a slow decoder about what is well formed and has a key', () => {
  fc.assert(
    fc.property(pinLine, (line) => {
      const decoder = new Decoder(pin);
      let reason: string | undefined;
      decoder.decodeLine(Buffer.from(line), (_, why) => {
        reason = why;
      });
      const slow = readLine(line, 'index');
      expect(reason ?? 'well formed').toBe(typeof slow === 'string' ? slow : 'well formed');
    }),
    { numRuns: 5000 },
  );
});

describe('cleaned columns', () => {
  /** Rules with functions that byte_expressions.ts does not have. */
  const odd = dataset({
    ...fields,
    clean: ({ key, size, name }) => ({
      key,
      size_as_it_is: size,
      age: ageGroup(key),
      known: isNotNull(name),
      joined: year(parseTimestamp(name)),
      twice: joinWords(name, blankToNull(name)),
      spaced: joinWords(removePrefix(name, 'a'), removePrefix(name, 'a')),
      by_group: joinWords(ageGroup(key), name),
      unless: nullWhen(name, equals(key, literal('bigint', 30))),
      always: literal('text', 'x'),
    }),
  });
  const lines = Buffer.from(
    '{"key":20,"size":1.5,"name":"2020-02-29 00:00:00"}\n{"key":30,"name":"\\u0061"}\n{"key":1,"name":" "}\n',
  );
  const rows = [
    { key: 20, size_as_it_is: 1.5, age: '18-24', known: true, joined: 2020, always: 'x' },
    { key: 30, size_as_it_is: null, age: '25-35', known: true, joined: null, always: 'x' },
    { key: 1, size_as_it_is: null, age: null, known: true, joined: null, always: 'x' },
  ];
  const texts = [
    [
      '2020-02-29 00:00:00',
      '2020-02-29 00:00:00 2020-02-29 00:00:00',
      '18-24 2020-02-29 00:00:00',
      '2020-02-29 00:00:00 2020-02-29 00:00:00',
    ],
    [null, 'a a', '25-35 a', ' '],
    [' ', ' ', ' ', '   '],
  ].map(([unless = null, twice = null, by_group = null, spaced = null]) => ({
    unless,
    twice,
    by_group,
    spaced,
  }));
  const expected = rows.map((row, i) => ({ ...row, ...texts[i] }));
  const nobody = () => expect.fail('no line is to be quarantined');

  it('evaluates rules that are not translated to bytes', () => {
    const decoder = new Decoder(odd);
    for (let time = 0; time < 2; time += 1) {
      decoder.decodeLines(lines, nobody);
      expect(rowsOf(decoder.take())).toEqual(expected);
    }
  });

  it('decodes the wanted columns alone, in the order of the dataset', () => {
    const decoder = new Decoder(odd, { columns: ['known', 'key', 'by_group'] });
    decoder.decodeLines(lines, nobody);
    const table = decoder.take();
    expect(Object.keys(table.columns)).toEqual(['key', 'known', 'by_group']);
    expect(rowsOf(table)).toEqual(expected.map(({ key, known, by_group }) => ({ key, known, by_group })));
  });

  it('counts rows when no column is wanted', () => {
    const decoder = new Decoder(odd, { columns: [] });
    decoder.decodeLines(lines, nobody);
    expect(decoder.length).toBe(3);
    expect(decoder.take().length).toBe(0);
  });

  it('refuses a column that does not exist', () => {
    expect(() => new Decoder(odd, { columns: ['key', 'colour'] })).toThrow(/"colour".*key, size_as_it_is/);
  });

  it('uses the dictionaries of another table', () => {
    const into = emptyTable(plain.cleaning.schema);
    const decoder = new Decoder(plain, { dictionariesOf: into });
    for (const name of ['b', 'a', 'b']) {
      decoder.decodeLines(Buffer.from(`{"key":1,"size":1,"name":"${name}"}`), nobody);
      const columns = decoder.take().columns;
      expect(columns).toMatchObject({ name: { dictionary: dictionaryOf(into) } });
      expect(rowsOf({ schema: { name: 'text' }, columns, length: 1 })).toEqual([{ name }]);
    }
  });

  it('decodes more rows than are scanned at once', () => {
    const many = Array.from({ length: 1000 }, (_, key) => ({ key, size: key / 8, name: `n${key % 7}` }));
    const decoder = new Decoder(plain);
    decoder.decodeLines(Buffer.from(many.map((row) => JSON.stringify(row)).join('\n')), nobody);
    expect(decoder.length).toBe(1000);
    expect(rowsOf(decoder.take())).toEqual(many);
    expect(decoder.length).toBe(0);
  });
});

describe('lines longer than the window', () => {
  /** Lines of any lengths, some of them not as expected, with what is to come of them. */
  const lines = fc
    .array(
      fc.record({
        length: fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 600_000 })),
        form: fc.constantFrom('plain', 'reversed', 'malformed', 'no key', 'escaped'),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((forms) =>
      forms.map(({ length, form }, key) => {
        const name = 'n'.repeat(length);
        const fields = { key, size: 1.5, name: form === 'escaped' ? `\n${name}` : name };
        const row = form === 'reversed' ? { name: fields.name, size: 1.5, key } : fields;
        if (form === 'malformed') {
          return { text: `{${name}`, result: 'malformed_json' };
        }
        if (form === 'no key') {
          return { text: JSON.stringify({ name }), result: 'missing_key' };
        }
        return { text: JSON.stringify(row), result: fields };
      }),
    );

  it('reads them as all others', () => {
    fc.assert(
      fc.property(lines, fc.boolean(), (wanted, ended) => {
        const decoder = new Decoder(plain);
        const quarantined: string[] = [];
        const text = wanted.map((line) => line.text).join('\n');
        decoder.decodeLines(
          Buffer.from(ended ? `${text}\n` : text),
          (line, reason, start) => quarantined.push(`${reason} ${line.length} ${start}`),
          7,
        );
        const starts = wanted.map(
          (_, i) => 7 + wanted.slice(0, i).reduce((sum, line) => sum + line.text.length + 1, 0),
        );
        const isRow = wanted.map(({ result }) => typeof result !== 'string');
        expect(Array.from(decoder.lineStarts)).toEqual(starts.filter((_, i) => isRow[i]));
        expect(rowsOf(decoder.take())).toEqual(wanted.filter((_, i) => isRow[i]).map(({ result }) => result));
        expect(quarantined).toEqual(
          wanted.flatMap(({ text: line, result }, i) =>
            isRow[i] ? [] : `${result} ${line.length} ${starts[i]}`,
          ),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('datasets of many fields', () => {
  const wide = (names: readonly string[]) =>
    dataset({
      name: 'wide',
      description: 'Many fields.',
      sourceTable: 'wide_data',
      key: 'key',
      raw: { key: 'bigint', ...Object.fromEntries(names.map((name) => [name, 'double' as const])) },
      clean: (raw) => raw,
    });

  it('reads them', () => {
    const names = Array.from({ length: 300 }, (_, i) => `field_${'x'.repeat(i % 40)}_${i}`);
    const rows = Array.from({ length: 100 }, (_, key) => ({
      key,
      ...Object.fromEntries(names.map((name, i) => [name, key / 3 + i])),
    }));
    const decoder = new Decoder(wide(names));
    decoder.decodeLines(Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')), () => {});
    expect(rowsOf(decoder.take())).toEqual(rows);
  });

  it('refuses more fields than a line can be scanned for', () => {
    const names = Array.from({ length: 9000 }, (_, i) => `f${i}`);
    expect(() => new Decoder(wide(names))).toThrow('9001 fields');
    const longNames = Array.from({ length: 8000 }, (_, i) => `${'f'.repeat(20)}${i}`);
    expect(() => new Decoder(wide(longNames))).toThrow('names of 131072 bytes');
  });
});

it('tells where the line of each row begins', () => {
  const decoder = new Decoder(plain);
  decoder.decodeLines(Buffer.from('{"key":1,"size":1,"name":"é"}\n\n{"key":2}\n'), () => {}, 100);
  decoder.decodeLines(
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('","key":3}\n {"key":4}')]),
    () => {},
    200,
  );
  expect(rowsOf(decoder.take()).map(({ key }) => key)).toEqual([1, 2, 3, 4]);
  expect(Array.from(decoder.lineStarts)).toEqual([]);
  decoder.decodeLines(Buffer.from('{"key":1,"size":1,"name":"é"}\n\n{"key":2}\n'), () => {}, 2 ** 40);
  expect(Array.from(decoder.lineStarts)).toEqual([2 ** 40, 2 ** 40 + 32]);
});

it('reads one event with line ends in it as one line', () => {
  expect(decode('{"key":1,\n"name":"a"}\n')).toEqual({ key: 1, size: null, name: 'a' });
  expect(decode('{"key":1,"size":1,"name":"a"}\n{"key":1,"size":1,"name":"a"}')).toBe('malformed_json');
});
