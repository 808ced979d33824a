/**
 * Reads one line of bytes as a JSON object and notes the spans of the values of wanted fields, making no object, and no string
 * but of unexpected names. Number tokens are kept as written: `1.0` is not an integer, and `9007199254740993` is not rounded.
 */
import { lineLimits } from '../plan/line_limits.ts';
import {
  closeBrace,
  colon,
  comma,
  JsonTokens,
  openBrace,
  openBracket,
  quote,
  valueKind,
} from './json_tokens.ts';

export class JsonScanner extends JsonTokens {
  /** Each wanted field's kind, and the span of its token; of a string, the span between the quotes. */
  readonly kinds: Uint8Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;

  private readonly nameBytes: readonly Uint8Array[];
  private readonly fieldOfName: ReadonlyMap<string, number>;

  /** @param names the wanted fields, in the order in which they are expected */
  constructor(names: readonly string[]) {
    super();
    this.kinds = new Uint8Array(names.length);
    this.starts = new Float64Array(names.length);
    this.ends = new Float64Array(names.length);
    this.nameBytes = names.map((name) => new TextEncoder().encode(name));
    this.fieldOfName = new Map(names.map((name, field) => [name, field]));
  }

  /**
   * Scans the line in `bytes`, which must be valid UTF-8, from `start` up to `end`.
   * @returns true when it is one well-formed object and nothing else; only then are the fields filled
   */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.kinds.fill(valueKind.absent);
    this.skipSpace();
    const first = this.at;
    if (!this.object() || this.at - first > lineLimits.bytes) {
      return false;
    }
    this.skipSpace();
    return this.at === end;
  }

  private object(): boolean {
    if (!this.take(openBrace)) {
      return false;
    }
    this.skipSpace();
    if (this.take(closeBrace)) {
      return true;
    }
    for (let expected = 0; ; expected += 1) {
      const field = this.field(expected);
      if (field === malformed) {
        return false;
      }
      this.skipSpace();
      if (!this.take(colon)) {
        return false;
      }
      this.skipSpace();
      if (!this.value(field)) {
        return false;
      }
      this.skipSpace();
      if (this.take(closeBrace)) {
        return true;
      }
      if (!this.take(comma)) {
        return false;
      }
      this.skipSpace();
    }
  }

  /** Reads a name. Most often it is the expected one, which a comparison of bytes tells. @returns its field */
  private field(expected: number): number {
    const wanted = this.nameBytes[expected];
    if (
      wanted !== undefined &&
      this.bytes[this.at] === quote &&
      this.bytes[this.at + 1 + wanted.length] === quote
    ) {
      let equal = 0;
      while (equal < wanted.length && this.bytes[this.at + 1 + equal] === wanted[equal]) {
        equal += 1;
      }
      if (equal === wanted.length && this.at + 2 + equal <= this.end) {
        this.at += equal + 2;
        return expected;
      }
    }
    const start = this.at + 1;
    return this.name() ? (this.fieldOfName.get(this.stringSince(start)) ?? notWanted) : malformed;
  }

  /** Reads the value of a field of the line's object. */
  private value(field: number): boolean {
    const start = this.at;
    const first = this.bytes[start];
    let kind: number = valueKind.other;
    if (first === quote) {
      if (!this.string()) {
        return false;
      }
      if (field >= 0) {
        this.kinds[field] = this.escaped ? valueKind.escapedText : valueKind.text;
        this.starts[field] = start + 1;
        this.ends[field] = this.at - 1;
      }
      return true;
    }
    if (first === openBrace || first === openBracket) {
      if (!this.nested()) {
        return false;
      }
    } else {
      kind = this.scalar();
      if (kind === valueKind.absent) {
        return false;
      }
    }
    if (field >= 0) {
      this.kinds[field] = kind;
      this.starts[field] = start;
      this.ends[field] = this.at;
    }
    return true;
  }
}

const notWanted = -1;
const malformed = -2;
