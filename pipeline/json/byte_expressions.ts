/**
 * Expressions over one string as functions of its UTF-8 bytes: cleaning reads a string where it is in a line, without making a
 * JavaScript string of it. test/json/byte_expressions.test.ts holds each to the meaning in plan/functions/; a function that
 * is missing here is evaluated row by row, with the same result, slower.
 *
 * `bytes[at]` is read only from `start` up to `end`, so its `?? 0` is never reached.
 */
import type { ExpressionNode } from '../plan/expression.ts';
import type { FunctionName } from '../plan/functions.ts';
import { followerCountOfBytes, isBlank, timestampOfBytes } from './parse_bytes.ts';

/** A function of the string in `bytes` from `start` up to `end`. */
type EvaluateBytes = (bytes: Uint8Array, start: number, end: number) => number;

/**
 * An expression over one string, by the kind of its value:
 * - `text`: a suffix of the string; `evaluate` returns its start, −1 for null;
 * - `number`: a bigint or timestamp, NaN for null;
 * - `condition`: 1 for true, 0 for false, −1 for null;
 * - `literal`: a string of the plan.
 *
 * All but conditions are null for a null string.
 */
export type ByteExpression =
  | {
      readonly kind: 'text' | 'number' | 'condition';
      readonly evaluate: EvaluateBytes;
      /**
       * True when the first byte proves that cleaning changes nothing: a `text` is the whole string, a `condition` is not
       * true. Most strings are such, and a table of 256 answers decides for them.
       */
      readonly passes: (first: number) => boolean;
    }
  | { readonly kind: 'literal'; readonly bytes: Uint8Array };

/** Translates an expression that reads the string column `name` and no other; undefined when it cannot be. */
export function byteExpression(node: ExpressionNode, name: string): ByteExpression | undefined {
  switch (node.kind) {
    case 'column':
      return node.name === name ? { kind: 'text', evaluate: wholeString, passes: () => true } : undefined;
    case 'literal':
      return typeof node.value === 'string'
        ? { kind: 'literal', bytes: new TextEncoder().encode(node.value) }
        : undefined;
    case 'call': {
      const [first, second] = node.arguments.map((argument) => byteExpression(argument, name));
      return first && translations[node.function]?.(first, second);
    }
  }
}

const wholeString: EvaluateBytes = (_bytes, start) => start;

/** The representation of null. */
const nullOf = { text: -1, number: Number.NaN, condition: -1 } as const;

type Kind = keyof typeof nullOf;

type Translation = (first: ByteExpression, second: ByteExpression | undefined) => ByteExpression | undefined;

const translations: Partial<Record<FunctionName, Translation>> = {
  blank_to_null: ofString(
    'text',
    (bytes, start, end) => {
      for (let at = start; at < end; at += 1) {
        if (!isBlank(bytes[at] ?? 0)) {
          return start;
        }
      }
      return -1;
    },
    (first) => !isBlank(first),
  ),

  starts_with: ofStringAndLiteral(
    'condition',
    (bytes, start, end, prefix) => (beginsWith(bytes, start, end, prefix) ? 1 : 0),
    (first, prefix) => prefix.length > 0 && first !== prefix[0],
  ),

  remove_prefix: ofStringAndLiteral(
    'text',
    (bytes, start, end, prefix) => (beginsWith(bytes, start, end, prefix) ? start + prefix.length : start),
    (first, prefix) => first !== prefix[0],
  ),

  equals: ofStringAndLiteral(
    'condition',
    (bytes, start, end, literal) =>
      end - start === literal.length && beginsWith(bytes, start, end, literal) ? 1 : 0,
    (first, literal) => first !== literal[0],
  ),

  follower_count: ofString('number', followerCountOfBytes, () => false),

  parse_timestamp: ofString('number', timestampOfBytes, () => false),

  null_when: (value, condition) => {
    if (condition?.kind !== 'condition' || (value.kind !== 'text' && value.kind !== 'number')) {
      return;
    }
    const ifNull = nullOf[value.kind];
    return {
      kind: value.kind,
      evaluate: (bytes, start, end) =>
        condition.evaluate(bytes, start, end) === 1 ? ifNull : value.evaluate(bytes, start, end),
      passes: (first) => condition.passes(first) && value.passes(first),
    };
  },

  or: (first, second) => {
    if (first.kind !== 'condition' || second?.kind !== 'condition') {
      return;
    }
    return {
      kind: 'condition',
      evaluate: (bytes, start, end) => {
        const a = first.evaluate(bytes, start, end);
        if (a === 1) {
          return 1;
        }
        const b = second.evaluate(bytes, start, end);
        return b === 1 ? 1 : Math.min(a, b);
      },
      passes: (byte) => first.passes(byte) && second.passes(byte),
    };
  },
};

/** A function of a string that is null for null. */
function ofString(kind: Kind, evaluate: EvaluateBytes, passes: (first: number) => boolean): Translation {
  const ifNull = nullOf[kind];
  return (string) => {
    if (string.kind !== 'text') {
      return;
    }
    const startOf = string.evaluate;
    const ofSuffix: EvaluateBytes = (bytes, start, end) => {
      const from = startOf(bytes, start, end);
      return from < 0 ? ifNull : evaluate(bytes, from, end);
    };
    return {
      kind,
      // Without a call between the loop over rows and the function, V8 can inline it there.
      evaluate: startOf === wholeString ? evaluate : ofSuffix,
      passes: (first) => string.passes(first) && passes(first),
    };
  };
}

/** A function of a string and a string of the plan that is null for null. */
function ofStringAndLiteral(
  kind: Kind,
  evaluate: (bytes: Uint8Array, start: number, end: number, literal: Uint8Array) => number,
  passes: (first: number, literal: Uint8Array) => boolean,
): Translation {
  return (string, literal) => {
    if (literal?.kind !== 'literal') {
      return;
    }
    const { bytes: literalBytes } = literal;
    const translate = ofString(
      kind,
      (bytes, start, end) => evaluate(bytes, start, end, literalBytes),
      (first) => passes(first, literalBytes),
    );
    return translate(string, undefined);
  };
}

function beginsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  const { length } = prefix;
  if (end - start < length) {
    return false;
  }
  for (let at = 0; at < length; at += 1) {
    if (bytes[start + at] !== prefix[at]) {
      return false;
    }
  }
  return true;
}
