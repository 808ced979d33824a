import { describe, expect, it } from 'vitest';
import { laidOut } from '../../../pipeline/engines/spark/line_breaks.ts';
import { identifier, literalOf, stringLiteral } from '../../../pipeline/engines/spark/quoting.ts';

describe('nothing breaks out of its quotes', () => {
  it.each([
    ["it's", String.raw`'it\'s'`],
    ['a\\', String.raw`'a\\'`],
    ['say "no"', String.raw`'say \"no\"'`],
    [['$', '{env:HOME}'].join(''), String.raw`'\u0024{env:HOME}'`],
    ['a\nb\r\t\u0000\u0085\u2028', String.raw`'a\nb\r\t\u0000\u0085\u2028'`],
    ['50%_🂡', `'50%_🂡'`],
  ])('%j', (text, sql) => {
    expect(stringLiteral(text)).toBe(sql);
  });

  it('names: backticks are doubled, and what Spark would substitute is refused', () => {
    expect(identifier('a`b')).toBe('`a``b`');
    expect(() => identifier(['$', '{a}'].join(''))).toThrow(RangeError);
    expect(() => identifier('')).toThrow(RangeError);
  });
});

describe('literals have exactly the type of the plan', () => {
  it.each([
    ['bigint', 5, '5L'],
    ['bigint', -5, '(-5L)'],
    ['int', 5, '5'],
    ['double', 1e300, '1E300D'],
    ['double', -0.5, '(-0.5D)'],
    ['boolean', false, 'FALSE'],
    ['text', null, 'CAST(NULL AS STRING)'],
    ['timestamp', 0, 'timestamp_millis(0L)'],
    ['date', -86_400_000, 'date_from_unix_date((-1))'],
    ['array<double>', [1, 2], 'array(1D, 2D)'],
  ] as const)('%s %j', (type, value, sql) => {
    expect(literalOf(type, value)).toBe(sql);
  });
});

describe('layout', () => {
  it('breaks at branches, and leaves quoted strings unchanged', () => {
    const long = `CASE WHEN \`a WHEN b\` = 'ELSE ${'x'.repeat(100)} it\\'s END' THEN 1 ELSE 2 END`;
    expect(laidOut(long)).toBe(
      `CASE\n  WHEN \`a WHEN b\` = 'ELSE ${'x'.repeat(100)} it\\'s END' THEN 1\n  ELSE 2\nEND`,
    );
  });
});
