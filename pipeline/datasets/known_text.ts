import { blankToNull, type Expression, isOneOf, nullWhen } from '../plan/expression.ts';

/** Text that says something: null when it is blank or one of the placeholders that stand for "unknown". */
export function knownText(text: Expression<'text'>, ...placeholders: readonly string[]): Expression<'text'> {
  const [first, ...rest] = placeholders;
  const known = blankToNull(text);
  return first === undefined ? known : nullWhen(known, isOneOf(text, first, ...rest));
}
