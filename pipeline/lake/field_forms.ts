/** Text fields as cleaning reads them: a form of bytes_forms.ts, and the field that it is of. */
import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import { columnsOf } from '../table/evaluate.ts';
import { type BytesForm, bytesForm } from './bytes_forms.ts';

/** The place of a raw field among all. */
export function fieldOf({ name }: { readonly name: string }, raw: RawSchema): number {
  return Object.keys(raw).indexOf(name);
}

/** A form over the bytes of a field. */
export interface FieldForm {
  readonly field: number;
  readonly kind: 'text' | 'number';
  readonly of: (bytes: Uint8Array, start: number, end: number) => number;
  /** By the first byte of a text: 1 where it is known to be itself in this form. */
  readonly passes: Uint8Array;
}

/** The form of an expression that reads one text field. */
export function textForm(node: ExpressionNode, raw: RawSchema): FieldForm | undefined {
  const [name, ...others] = columnsOf(node);
  if (name === undefined || others.length > 0 || raw[name] !== 'text') return;
  const form: BytesForm | undefined = bytesForm(node, name);
  if (form?.kind !== 'text' && form?.kind !== 'number') return;
  const passes = Uint8Array.from({ length: 256 }, (_, first) => (form.passes(first) ? 1 : 0));
  return { field: fieldOf({ name }, raw), kind: form.kind, of: form.of, passes };
}

/** Where a text begins in a form, −1 for null. */
export function beginOf({ of, passes }: FieldForm, bytes: Uint8Array, start: number, end: number): number {
  return start < end && passes[bytes[start] ?? 0] === 1 ? start : of(bytes, start, end);
}
