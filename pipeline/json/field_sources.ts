/** Text fields as cleaning reads them: a form of bytes_forms.ts, and the field that it is of. */

import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import { columnsOf } from '../plan/walk.ts';
import { type ByteExpression, byteExpression } from './byte_expressions.ts';
import type { LineFields } from './line_scanner.ts';

/** The place of a raw field among all. */
export function fieldOf({ name }: { readonly name: string }, raw: RawSchema): number {
  return Object.keys(raw).indexOf(name);
}

/** A form over the bytes of a field. */
export interface FieldSource {
  readonly field: number;
  readonly kind: 'text' | 'number';
  readonly of: (bytes: Uint8Array, start: number, end: number) => number;
  /** By the first byte of a text: 1 where it is known to be itself in this form. */
  readonly passes: Uint8Array;
}

/** The form of an expression that reads one text field. */
export function stringSource(node: ExpressionNode, raw: RawSchema): FieldSource | undefined {
  const [name, ...others] = columnsOf(node);
  if (name === undefined || others.length > 0 || raw[name] !== 'text') return;
  const form: ByteExpression | undefined = byteExpression(node, name);
  if (form?.kind !== 'text' && form?.kind !== 'number') return;
  const passes = Uint8Array.from({ length: 256 }, (_, first) => (form.passes(first) ? 1 : 0));
  return { field: fieldOf({ name }, raw), kind: form.kind, of: form.of, passes };
}

/** Takes a text: where it lies. */
export type TakeText<T> = (bytes: Uint8Array, from: number, end: number) => T;

/** What `take` makes of a row's text in a form, its escapes resolved; `unknown` where that is null. */
export function ofText<T>(
  fields: LineFields,
  row: number,
  { field, of, passes }: FieldSource,
  unknown: T,
  take: TakeText<T>,
): T {
  const cell = row * fields.width + field;
  const place = fields.starts[cell] ?? -1;
  if (place < 0) return unknown;
  const last = fields.ends[cell] ?? 0;
  const hasEscapes = last < 0;
  const bytes = hasEscapes ? fields.unescapedAt(cell) : fields.bytes;
  const start = hasEscapes ? 0 : place;
  const end = hasEscapes ? bytes.length : last;
  const from = start < end && passes[bytes[start] ?? 0] === 1 ? start : of(bytes, start, end);
  return from < 0 ? unknown : take(bytes, from, end);
}
