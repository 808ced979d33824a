import { blankToNull, type Expression, isOneOf, nullWhen } from '../plan/expression.ts';

/** A text with meaning: null when it is blank or a placeholder for "unknown". */
export function knownText(text: Expression<'text'>, ...placeholders: readonly string[]): Expression<'text'> {
  const [first, ...rest] = placeholders;
  const notBlank = blankToNull(text);
  return first === undefined ? notBlank : nullWhen(notBlank, isOneOf(text, first, ...rest));
}
