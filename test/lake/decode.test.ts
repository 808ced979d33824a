import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pin } from '../../pipeline/datasets/index.ts';
import { Decoder } from '../../pipeline/lake/decode.ts';
import { type Row, rowsOf } from '../../pipeline/table/columnar_table.ts';
import { pinLine } from '../oracle/adversarial.ts';
import { readLine } from '../oracle/oracle.ts';

const dataset = { raw: { key: 'bigint', size: 'double', name: 'text' }, key: 'key' } as const;

/** What a line is: its row, or why it is quarantined. */
function decode(line: string | Uint8Array): Row | string {
  const decoder = new Decoder(dataset);
  let reason: string | undefined;
  decoder.decodeLine(typeof line === 'string' ? Buffer.from(line) : line, false, (_, why) => {
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
  ])('%s', (line) => {
    expect(decode(line)).toBe('malformed_json');
  });
});

describe('limits', () => {
  const nested = (depth: number) => `{"key":1,"other":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

  it('nesting of 500, the line itself being the first', () => {
    expect(decode(nested(500))).toEqual(nothing);
    expect(decode(nested(501))).toBe('malformed_json');
    expect(decode(nested(200_000))).toBe('malformed_json');
  });

  it('numbers of 1,000 characters', () => {
    expect(decode(`{"key":1,"other":${'1'.repeat(1000)}}`)).toEqual(nothing);
    expect(decode(`{"key":1,"other":${'1'.repeat(1001)}}`)).toBe('malformed_json');
  });

  it('names of 50,000 characters', () => {
    expect(decode(`{"key":1,"${'é'.repeat(50_000)}":2}`)).toEqual(nothing);
    expect(decode(`{"key":1,"${'é'.repeat(50_001)}":2}`)).toBe('malformed_json');
    expect(decode(`{"key":1,"other":{"${'a'.repeat(50_001)}":2}}`)).toBe('malformed_json');
  });

  it('an object of 16 MiB, white space around it aside', () => {
    const sized = (bytes: number) => `{"key":1,"other":"${'a'.repeat(bytes - 20)}"}`;
    expect(sized(100).length).toBe(100);
    expect(decode(` ${sized(16 * 1024 * 1024)} `)).toEqual(nothing);
    expect(decode(sized(16 * 1024 * 1024 + 1))).toBe('malformed_json');
  });
});

it('reads invalid UTF-8 as U+FFFD', () => {
  const line = Buffer.concat([Buffer.from('{"key":1,"name":"a'), Buffer.from([0xff]), Buffer.from('b"}')]);
  expect(decode(line)).toEqual({ ...nothing, name: 'a\ufffdb' });
});

it('ends lines at \\n alone and starts none behind the last', () => {
  const decoder = new Decoder(dataset);
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
      decoder.decodeLine(Buffer.from(line), true, (_, why) => {
        reason = why;
      });
      const slow = readLine(line, 'index');
      expect(reason ?? 'well formed').toBe(typeof slow === 'string' ? slow : 'well formed');
    }),
    { numRuns: 5000 },
  );
});
