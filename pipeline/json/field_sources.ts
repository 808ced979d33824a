/** String fields as cleaning reads them: a field, and an expression over its bytes. */

import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import { columnsOf } from '../plan/walk.ts';
import { type ByteExpression, byteExpression } from './byte_expressions.ts';
import type { LineFields } from './line_fields.ts';

/** The index of a raw field. */
export function fieldOf({ name }: { readonly name: string }, raw: RawSchema): number {
  const field = Object.keys(raw).indexOf(name);
  if (field < 0) {
    throw new RangeError(`There is no raw field "${name}"; they are ${Object.keys(raw).join(', ')}.`);
  }
  return field;
}

/** An expression over the bytes of a field. */
export interface FieldSource {
  readonly field: number;
  readonly kind: 'text' | 'number';
  readonly evaluate: (bytes: Uint8Array, start: number, end: number) => number;
  /** By the first byte of a string: 1 when the expression is the string itself. */
  readonly passes: Uint8Array;
}

/** The source of an expression over one string field; undefined when it is not one of byte_expressions.ts. */
export function stringSource(node: ExpressionNode, raw: RawSchema): FieldSource | undefined {
  const [name, ...others] = columnsOf(node);
  if (name === undefined || others.length > 0 || raw[name] !== 'text') {
    return;
  }
  const expression: ByteExpression | undefined = byteExpression(node, name);
  if (expression?.kind !== 'text' && expression?.kind !== 'number') {
    return;
  }
  const passes = Uint8Array.from({ length: 256 }, (_, first) => (expression.passes(first) ? 1 : 0));
  return { field: fieldOf({ name }, raw), kind: expression.kind, evaluate: expression.evaluate, passes };
}

/** Uses the string in `bytes` from `from` up to `end`. */
export type UseString<T> = (bytes: Uint8Array, from: number, end: number) => T;

/**
 * Calls `use` with a row's string as cleaned, its escapes resolved.
 * @param ifNull the result for null
 */
export function withString<T>(
  fields: LineFields,
  row: number,
  { field, evaluate, passes }: FieldSource,
  ifNull: T,
  use: UseString<T>,
): T {
  const cell = row * fields.width + field;
  // A cell of a scanned row always exists: `??` only satisfies the type.
  const spanStart = fields.starts[cell] ?? -1;
  if (spanStart < 0) {
    return ifNull;
  }
  const last = fields.ends[cell] ?? 0;
  const hasEscapes = last < 0;
  const bytes = hasEscapes ? fields.unescapedAt(cell) : fields.bytes;
  const start = hasEscapes ? 0 : spanStart;
  const end = hasEscapes ? bytes.length : last;
  const from = start < end && passes[bytes[start] ?? 0] === 1 ? start : evaluate(bytes, start, end);
  return from < 0 ? ifNull : use(bytes, from, end);
}
