/** Arrays, which exist inside plans: a text is split, and elements are taken or counted. No table holds arrays of text. */
import { call, type Expression, literal } from '../expression.ts';
import { checkedPattern } from '../patterns.ts';
import { type ArrayType, type ElementType, elementTypes, PlanError } from '../types.ts';

/**
 * The parts of a text between what the pattern finds, empty ones too: a regular expression of the part that `plan/patterns.ts`
 * describes.
 * @throws PlanError that shows what JavaScript and Java would read differently, or for a pattern with a group or one that finds
 *   nothing at all
 * @example
 * posts.select((row) => ({ words: split(row.category, '-') }));
 */
export const split = (text: Expression<'text'>, pattern: string) => {
  const { java, groups } = checkedPattern(pattern);
  if (groups > 0 || new RegExp(pattern, 'u').test('')) {
    throw new PlanError(
      `/${pattern}/ cannot split a text: it has a group, which must be written as (?:…), or it can match the empty text.`,
    );
  }
  return call('split', 'array<text>', text, literal('text', java));
};

/**
 * The values that are not null, in this order.
 * @example
 * posts.select((row) => ({ names: array(row.first_name, row.last_name) }));
 */
export const array = <T extends 'double' | 'text'>(
  first: Expression<T>,
  ...rest: readonly Expression<NoInfer<T>>[]
) =>
  call(
    first.type === 'double' ? 'array_of_doubles' : 'array_of_texts',
    arrayTypes[first.type],
    first,
    ...rest,
  );

const arrayTypes = { double: 'array<double>', text: 'array<text>' } as const;

/**
 * The number of elements.
 * @example
 * posts.select((row) => ({ words: size(split(row.category, '-')) }));
 */
export const size = (array: Expression<ArrayType>) => call('size', 'int', array);

/**
 * An element: 1 is the first, −1 the last; null where there is none.
 * @throws PlanError for 0
 * @example
 * posts.select((row) => ({ first_word: elementAt(split(row.category, '-'), 1) }));
 */
export const elementAt = <A extends ArrayType>(
  array: Expression<A>,
  position: number,
): Expression<ElementType<A>> => {
  if (position === 0) {
    throw new PlanError('elementAt counts from 1, or from −1 at the end; there is no element 0.');
  }
  const element: ElementType<A> = elementTypes[array.type];
  return call('element_at', element, array, literal('int', position));
};

/**
 * True when an element equals the value; null where one of both is null.
 * @example
 * posts.where((row) => arrayContains(split(row.category, '-'), literal('text', 'art')));
 */
export const arrayContains = <A extends ArrayType>(
  array: Expression<A>,
  value: Expression<ElementType<NoInfer<A>>>,
) => call('array_contains', 'boolean', array, value);
