import { describe, expect, it } from 'vitest';
import { call, column, literal } from '../../pipeline/plan/expression.ts';
import { extract } from '../../pipeline/plan/expressions/strings.ts';
import { checkedPattern, regularExpression } from '../../pipeline/plan/patterns.ts';

describe('a pattern of a plan', () => {
  it.each([
    ['a look ahead', 'a(?=b)'],
    ['a flag', '(?i)a'],
    ['a back reference', String.raw`(a)\1`],
    ['a blank of another kind in Java', String.raw`\s`],
    ['an edge of a word', String.raw`\bart`],
    ['a repeated group, for which Java recurses', '(?:ab)*'],
    ['a repeated choice', '(a|b)+'],
    ['an optional group that is repeated too', '(?:a)??'],
    ['a class within a class', '[a[b]]'],
    ['an intersection of classes', '[a-z&&[^b]]'],
    ['a name of a group', '(?<x>a)'],
    ['a Unicode property', String.raw`\p{L}`],
    ['a possessive repetition', 'a++'],
    ['nothing to repeat', '*a'],
    ['a repeated start', '^*'],
    ['a class without end', '[a'],
    ['a group without end', '(a'],
    ['a class in the wrong order', '[z-a]'],
    ['a repetition in the wrong order', 'a{3,2}'],
    ['a brace by itself', '{'],
  ])('refuses %s', (_, pattern) => {
    expect(() => checkedPattern(pattern)).toThrow(`/${pattern}/`);
  });

  it('shows the place that it refuses', () => {
    expect(() => checkedPattern('art(?=ist)')).toThrow('has "?=ist)" at position 4');
  });

  it.each([
    ['^.$', '\n', false],
    ['^.$', '\u0085', true],
    ['^.$', '🂡', true],
    ['a$', 'a\n', false],
    [String.raw`^\$[.]\\$`, '$.\\', true],
    ['[$^]', '$', true],
  ])('%s on %j: %s', (pattern, text, expected) => {
    expect(regularExpression(checkedPattern(pattern).java).test(text)).toBe(expected);
  });

  it('extracts one group', () => {
    expect(() => extract(column('word', 'text'), '(a)(b)')).toThrow('has 2 groups to extract');
  });

  it('is a literal', () => {
    const word = column('word', 'text');
    expect(() => call('matches', 'boolean', word, word)).toThrow('matches takes a literal');
    expect(call('matches', 'boolean', word, literal('text', 'a')).type).toBe('boolean');
  });
});
