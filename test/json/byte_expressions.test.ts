/** Holds expressions over bytes to the functions of the plan, string by string. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowFunction } from '../../pipeline/columns/evaluate/row_function.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { joinWords } from '../../pipeline/datasets/join_words.ts';
import { byteExpression } from '../../pipeline/json/byte_expressions.ts';
import {
  blankToNull,
  column,
  type Expression,
  equals,
  followerCount,
  isNotNull,
  isOneOf,
  literal,
  nullWhen,
  or,
  parseTimestamp,
  removePrefix,
  startsWith,
} from '../../pipeline/plan/expression.ts';
import { parseUtcTimestamp } from '../../pipeline/plan/timestamp.ts';
import type { Value } from '../../pipeline/plan/types.ts';
import { columnsOf } from '../../pipeline/plan/walk.ts';
import { oddTimestamps } from '../support/odd_timestamps.ts';

const text = column('text', 'text');

/** The value of an expression over a string that is among other bytes. */
function byBytes({ node }: Pick<Expression, 'node'>, value: string, name = 'text'): Value {
  const expression = byteExpression(node, name);
  if (expression === undefined || expression.kind === 'literal') {
    return expect.fail('it is not translated');
  }
  const before = 'No 12';
  const bytes = new TextEncoder().encode(`${before}${value}34`);
  const end = bytes.length - 2;
  const result = expression.evaluate(bytes, before.length, end);
  if (value !== '' && expression.passes(bytes[before.length] ?? 0)) {
    if (expression.kind === 'text') {
      expect(result).toBe(before.length);
    } else {
      expect(result).not.toBe(1);
    }
  }
  switch (expression.kind) {
    case 'text':
      return result < 0 ? null : Buffer.from(bytes.subarray(result, end)).toString();
    case 'number':
      return Number.isNaN(result) ? null : result;
    case 'condition':
      return result < 0 ? null : result === 1;
  }
}

function byMeaning({ node }: Pick<Expression, 'node'>, value: Value, name = 'text'): Value {
  return rowFunction(node, { [name]: { at: () => value } })(0);
}

const characters = fc.stringMatching(/^[ \t\n\ra-cA-C0-9é🂡.kKmMbB٣-]*$/u);
const count = fc
  .tuple(
    fc.constantFrom('', ' ', '\t\r\n ', '\u00a0'),
    fc.oneof(
      fc.nat().map(String),
      fc.constantFrom(
        '',
        '0',
        '9007199254740991',
        '9007199254740992',
        '00000000000000000001',
        '9'.repeat(400),
      ),
    ),
    fc.constantFrom('', '', '.', '.5', '.999999999999999999', '.000000001', '.1.2', ',5'),
    fc.constantFrom('', '', 'k', 'K', 'm', 'M', 'b', 'B', 'kk', 'K', 't', 'e3'),
    fc.constantFrom('', ' ', '\n', '\u000b'),
  )
  .map((parts) => parts.join(''));
const digits = (size: number, max: number) => fc.nat(max).map((number) => String(number).padStart(size, '0'));
const time = fc
  .tuple(
    fc.oneof(
      digits(4, 9999),
      fc.constantFrom('0000', '0001', '0004', '0100', '0400', '1900', '2000', '2020', '9999', '202', '２020'),
    ),
    fc.constantFrom('-', '-', '-', '/', ''),
    fc.oneof(digits(2, 13), fc.constant('02')),
    fc.constantFrom('-', '-', '-', ' '),
    fc.oneof(digits(2, 32), fc.constantFrom('28', '29', '30', '31', '1')),
    fc.constantFrom(' ', 'T', 't', '  '),
    digits(2, 25),
    fc.constantFrom(':', ':', ':', '.'),
    digits(2, 60),
    fc.constantFrom(':', ':', ':', ''),
    digits(2, 61),
    fc.constantFrom('', '', '', 'Z', '\n', ' ', '.0'),
  )
  .map((parts) => parts.join(''));
const literals = datasets.flatMap(({ clean }) =>
  Object.values(clean).flatMap((node) => JSON.stringify(node).match(/(?<="value":")[^"]*/g) ?? []),
);
const anyText = fc.oneof(
  characters,
  count,
  time,
  fc.string({ unit: 'grapheme' }),
  fc
    .tuple(fc.constantFrom('', ' ', 'é'), fc.constantFrom(...literals), fc.constantFrom('', ' ', 'é'))
    .map((parts) => parts.join('')),
);

const expressions: Readonly<Record<string, Expression>> = {
  blank_to_null: blankToNull(text),
  starts_with: startsWith(text, 'Né🂡'),
  'starts_with nothing': startsWith(text, ''),
  remove_prefix: removePrefix(text, 'Local save in '),
  equals: equals(text, literal('text', 'User Info Error')),
  follower_count: followerCount(text),
  parse_timestamp: parseTimestamp(text),
  'null_when of a text': nullWhen(text, startsWith(text, 'No')),
  'null_when of a number': nullWhen(followerCount(text), equals(text, literal('text', '0'))),
  or: or(startsWith(text, 'a'), startsWith(text, 'b')),
  'or with a condition that is unknown': or(
    startsWith(blankToNull(text), 'a'),
    equals(text, literal('text', '')),
    startsWith(blankToNull(text), ' '),
  ),
  'null_when with a condition that is unknown': nullWhen(text, startsWith(blankToNull(text), 'a')),
  'one within the other': blankToNull(removePrefix(blankToNull(removePrefix(text, ' ')), 'a')),
  isOneOf: nullWhen(blankToNull(text), isOneOf(text, 'a', 'Image src error.', 'Image src error')),
};

describe('an expression over bytes equals the function', () => {
  it.each(Object.entries(expressions))('%s', (_, expression) => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(byBytes(expression, value)).toEqual(byMeaning(expression, value));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ...[
      '0000-01-01 00:00:00',
      '0001-01-01 00:00:00',
      '9999-12-31 23:59:59',
      '1900-02-29 00:00:00',
      '2000-02-29T23:59:59',
    ],
    ...[
      '1969-12-31 23:59:59',
      '1970-01-01 00:00:00',
      '0004-02-29 00:00:00',
      '0100-02-29 00:00:00',
      '2021-01-01 24:00:00',
    ],
  ])('parse_timestamp of %s', (value) => {
    expect(byBytes(expressions.parse_timestamp ?? text, value)).toEqual(
      byMeaning(parseTimestamp(text), value),
    );
  });

  it('parses timestamps of which a byte was changed, inserted or removed', () => {
    fc.assert(
      fc.property(oddTimestamps, (value) => {
        expect(byBytes(parseTimestamp(text), value)).toEqual(parseUtcTimestamp(value));
      }),
      { numRuns: 20_000 },
    );
  });

  it('parses every day of 401 years', () => {
    const wrong: string[] = [];
    for (let day = Date.UTC(1799, 11, 31); day <= Date.UTC(2201, 0, 1); day += 86_400_000) {
      const value = new Date(day).toISOString().slice(0, 19);
      if (byBytes(parseTimestamp(text), value) !== day) {
        wrong.push(value);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('null', () => {
  it.each(Object.entries(expressions))('%s: a string or number is null for null', (_, expression) => {
    const translated = byteExpression(expression.node, 'text');
    expect(translated?.kind === 'condition' || byMeaning(expression, null) === null).toBe(true);
  });
});

describe('the rules of the datasets', () => {
  const rules = datasets.flatMap(({ name, clean }) =>
    Object.entries(clean).map(([cleaned, node]) => [`${name}.${cleaned}`, node] as const),
  );
  const ofOneString = rules.filter(([, node]) => columnsOf(node).size === 1 && node.kind === 'call');
  it.each(ofOneString)('%s is translated, and equals the rule', (_, node) => {
    const [name = ''] = columnsOf(node);
    fc.assert(
      fc.property(anyText, (value) => {
        expect(byBytes({ node }, value, name)).toEqual(byMeaning({ node }, value, name));
      }),
    );
  });
});

describe('is not translated', () => {
  it.each<[string, Expression]>([
    ['a function that is missing', isNotNull(text)],
    ['one inside a function that is not', nullWhen(text, isNotNull(text))],
    ['two columns', joinWords(text, column('other', 'text'))],
    ['a condition over another column', nullWhen(text, startsWith(column('other', 'text'), 'a'))],
    ['a prefix that is not a literal', startsWithColumn()],
  ])('%s', (_, { node }) => {
    expect(byteExpression(node, 'text')).toBeUndefined();
  });
});

function startsWithColumn(): Expression {
  const { node } = startsWith(text, 'a');
  if (node.kind !== 'call') {
    return expect.fail('startsWith is a call');
  }
  return { type: 'boolean', node: { ...node, arguments: [text.node, text.node] } };
}
