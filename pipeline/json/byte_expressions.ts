/**
 * Expressions over one text as functions of its UTF-8 bytes: what cleaning does to a text, done where the text lies in a line,
 * without making a string of it. The meaning is that of plan/functions.ts, to which every form here is held by
 * test/json/byte_expressions.test.ts; a function without a form works all the same, slower.
 */
import type { ExpressionNode } from '../plan/expression.ts';
import type { FunctionName } from '../plan/functions.ts';
import { followerCountOfBytes, isBlank, timestampOfBytes } from './parse_bytes.ts';

/** A function of the text that lies in `bytes` from `start` up to `end`. */
type OfBytes = (bytes: Uint8Array, start: number, end: number) => number;

/**
 * What an expression over one text is:
 * - `text`: an end piece of the text itself; `of` says where it begins, −1 for null;
 * - `number`: a bigint or timestamp, NaN for null;
 * - `condition`: 1 for true, 0 for false, −1 for null;
 * - `literal`: a text of the plan.
 *
 * All but conditions are null where the text is null.
 */
export type ByteExpression =
  | {
      readonly kind: 'text' | 'number' | 'condition';
      readonly of: OfBytes;
      /**
       * Whether the first byte of a text tells that cleaning leaves it alone: a `text` is the text itself, a `condition` not
       * true. Most texts are, and for these one look into a table does.
       */
      readonly passes: (first: number) => boolean;
    }
  | { readonly kind: 'literal'; readonly bytes: Uint8Array };

/** The form of an expression that reads the text column `name` and no other; undefined when it has none. */
export function byteExpression(node: ExpressionNode, name: string): ByteExpression | undefined {
  switch (node.kind) {
    case 'column':
      return node.name === name
        ? { kind: 'text', of: (_bytes, start) => start, passes: () => true }
        : undefined;
    case 'literal':
      return typeof node.value === 'string'
        ? { kind: 'literal', bytes: new TextEncoder().encode(node.value) }
        : undefined;
    case 'call': {
      const [first, second] = node.arguments.map((argument) => byteExpression(argument, name));
      return first && forms[node.function]?.(first, second);
    }
  }
}

/** What stands for null. */
const unknownOf = { text: -1, number: Number.NaN, condition: -1 } as const;

type Kind = keyof typeof unknownOf;

type FormOfCall = (first: ByteExpression, second: ByteExpression | undefined) => ByteExpression | undefined;

const forms: Partial<Record<FunctionName, FormOfCall>> = {
  blank_to_null: ofText(
    'text',
    (bytes, start, end) => {
      for (let at = start; at < end; at += 1) {
        if (!isBlank(bytes[at] ?? 0)) return start;
      }
      return -1;
    },
    (first) => !isBlank(first),
  ),

  starts_with: ofTextAndLiteral(
    'condition',
    (bytes, start, end, prefix) => (beginsWith(bytes, start, end, prefix) ? 1 : 0),
    (first, prefix) => prefix.length > 0 && first !== prefix[0],
  ),

  remove_prefix: ofTextAndLiteral(
    'text',
    (bytes, start, end, prefix) => (beginsWith(bytes, start, end, prefix) ? start + prefix.length : start),
    (first, prefix) => first !== prefix[0],
  ),

  equals: ofTextAndLiteral(
    'condition',
    (bytes, start, end, text) => (end - start === text.length && beginsWith(bytes, start, end, text) ? 1 : 0),
    (first, text) => first !== text[0],
  ),

  follower_count: ofText('number', followerCountOfBytes, () => false),

  parse_timestamp: ofText('number', timestampOfBytes, () => false),

  null_when: (value, condition) => {
    if (condition?.kind !== 'condition' || (value.kind !== 'text' && value.kind !== 'number')) return;
    const unknown = unknownOf[value.kind];
    return {
      kind: value.kind,
      of: (bytes, start, end) =>
        condition.of(bytes, start, end) === 1 ? unknown : value.of(bytes, start, end),
      passes: (first) => condition.passes(first) && value.passes(first),
    };
  },

  or: (first, second) => {
    if (first.kind !== 'condition' || second?.kind !== 'condition') return;
    return {
      kind: 'condition',
      of: (bytes, start, end) => {
        const a = first.of(bytes, start, end);
        if (a === 1) return 1;
        const b = second.of(bytes, start, end);
        return b === 1 ? 1 : Math.min(a, b);
      },
      passes: (byte) => first.passes(byte) && second.passes(byte),
    };
  },
};

/** A function of a text that is null for null. */
function ofText(kind: Kind, of: OfBytes, passes: (first: number) => boolean): FormOfCall {
  const unknown = unknownOf[kind];
  return (text) => {
    if (text.kind !== 'text') return;
    const begin = text.of;
    return {
      kind,
      of: (bytes, start, end) => {
        const from = begin(bytes, start, end);
        return from < 0 ? unknown : of(bytes, from, end);
      },
      passes: (first) => text.passes(first) && passes(first),
    };
  };
}

/** A function of a text and a text of the plan that is null for null. */
function ofTextAndLiteral(
  kind: Kind,
  of: (bytes: Uint8Array, start: number, end: number, literal: Uint8Array) => number,
  passes: (first: number, literal: Uint8Array) => boolean,
): FormOfCall {
  return (text, literal) => {
    if (literal?.kind !== 'literal') return;
    const { bytes: given } = literal;
    const form = ofText(
      kind,
      (bytes, start, end) => of(bytes, start, end, given),
      (first) => passes(first, given),
    );
    return form(text, undefined);
  };
}

function beginsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  const { length } = prefix;
  if (end - start < length) return false;
  for (let at = 0; at < length; at += 1) {
    if (bytes[start + at] !== prefix[at]) return false;
  }
  return true;
}
