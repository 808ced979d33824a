/** Strings. Positions and lengths count code points. */
import { call, type Expression, literal } from '../expression.ts';
import { checkedPattern } from '../patterns.ts';
import { PlanError } from '../types.ts';

type Text = Expression<'text'>;

/** A text of the plan itself may be written as it is. */
type TextOrWord = Text | string;

const textOf = (text: TextOrWord): Text => (typeof text === 'string' ? literal('text', text) : text);

/**
 * The text in lower case.
 * @example
 * posts.select((row) => ({ country: lower(row.country) }));
 */
export const lower = (text: Text) => call('lower', 'text', text);

/**
 * The text in upper case.
 * @example
 * posts.select((row) => ({ country: upper(row.country) }));
 */
export const upper = (text: Text) => call('upper', 'text', text);

/**
 * The text without the blanks (U+0020, 0009, 000A, 000D) at its ends.
 * @example
 * posts.select((row) => ({ country: trim(row.country) }));
 */
export const trim = (text: Text) => call('trim', 'text', text);

/**
 * The number of code points.
 * @example
 * posts.select((row) => ({ letters: length(row.category) }));
 */
export const length = (text: Text) => call('length', 'int', text);

/**
 * As many code points as `count` says, from a position on: 1 is the first, −1 the last.
 * @example
 * posts.select((row) => ({ initial: substring(row.first_name, 1, 1) }));
 */
export const substring = (text: Text, position: number, count: number) =>
  call('substring', 'text', text, literal('int', position), literal('int', count));

/**
 * The texts one after the other; null where one is null.
 * @example
 * posts.select((row) => ({ name: concat(row.last_name, ', ', row.first_name) }));
 */
export const concat = (first: TextOrWord, second: TextOrWord, ...rest: readonly TextOrWord[]) =>
  call('concat', 'text', textOf(first), textOf(second), ...rest.map(textOf));

/**
 * True when the part is in the text.
 * @example
 * posts.where((row) => contains(row.category, 'art'));
 */
export const contains = (text: Text, part: TextOrWord) => call('contains', 'boolean', text, textOf(part));

/**
 * True when the text ends with the suffix.
 * @example
 * posts.where((row) => endsWith(row.category, 'art'));
 */
export const endsWith = (text: Text, suffix: TextOrWord) =>
  call('ends_with', 'boolean', text, textOf(suffix));

/**
 * The text with each occurrence of `search` replaced; as it is where `search` is empty.
 * @example
 * posts.select((row) => ({ category: replace(row.category, '-', ' ') }));
 */
export const replace = (text: Text, search: TextOrWord, replacement: TextOrWord) =>
  call('replace', 'text', text, textOf(search), textOf(replacement));

/**
 * True when the pattern is found in the text: a regular expression of the part that `plan/patterns.ts` describes.
 * @throws PlanError that shows what JavaScript and Java would read differently
 * @example
 * posts.where((row) => matches(row.followers, '^\\d+[kM]?$'));
 */
export const matches = (text: Text, pattern: string) =>
  call('matches', 'boolean', text, literal('text', checkedPattern(pattern).java));

/**
 * The first part of the text that the pattern finds, or its group's where it has one; null where this is empty.
 * @throws PlanError that shows what JavaScript and Java would read differently, or for two groups
 * @example
 * posts.select((row) => ({ extension: extract(row.category, '[.](\\w+)$') }));
 */
export const extract = (text: Text, pattern: string) => {
  const { java, groups } = checkedPattern(pattern);
  if (groups > 1) {
    throw new PlanError(`/${pattern}/ has ${groups} groups to extract; write the others as (?:…).`);
  }
  return call('extract', 'text', text, literal('text', groups === 1 ? java : `(${java})`));
};
