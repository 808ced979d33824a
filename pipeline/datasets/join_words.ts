import type { Expression } from '../plan/expression.ts';
import { coalesce } from '../plan/expressions/conditions.ts';
import { concat } from '../plan/expressions/strings.ts';

/** Two words with a space between them. Where one is null, the other alone. */
export function joinWords(first: Expression<'text'>, second: Expression<'text'>): Expression<'text'> {
  return coalesce(concat(first, ' ', second), first, second);
}
