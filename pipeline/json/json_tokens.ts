/**
 * Reads the tokens of JSON (RFC 8259), one after the other, from bytes.
 *
 * Each read of a byte is preceded by a comparison with `end`, or is compared with a byte that is not 0, so `?? 0` never hides a
 * wrong index; a checked read would slow the loops over bytes.
 */
import { lineLimits } from '../plan/line_limits.ts';
import { escapeLength, stringAt, unescaped } from './escapes.ts';

/** The kind of a field's value. */
export const valueKind = { absent: 0, other: 1, integer: 2, number: 3, text: 4, escapedText: 5 } as const;

export const quote = 0x22;
export const openBrace = 0x7b;
export const openBracket = 0x5b;
export const closeBrace = 0x7d;
export const comma = 0x2c;
export const colon = 0x3a;
const backslash = 0x5c;
const minus = 0x2d;
const closeBracket = 0x5d;

/** A position in bytes, moved by each method past what it reads; after something malformed it is of no use. */
export abstract class JsonTokens {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected at = 0;
  protected end = 0;
  /** Tells whether the string that was read last has a backslash. */
  protected escaped = false;

  /** Reads a field's name. @returns whether it is well-formed and not too long */
  protected name(): boolean {
    const start = this.at + 1;
    if (!this.string()) {
      return false;
    }
    // Its bytes are at least as many as its UTF-16 units, which Spark's reader counts.
    return (
      this.at - 1 - start <= lineLimits.nameCharacters ||
      this.stringSince(start).length <= lineLimits.nameCharacters
    );
  }

  /** The string that was just read, from its first byte. */
  protected stringSince(start: number): string {
    const { bytes, at } = this;
    return this.escaped ? unescaped(bytes, start, at - 1) : stringAt(bytes, start, at - 1);
  }

  /** Reads a string in quotes; leaves `at` after the closing one. */
  protected string(): boolean {
    const { bytes, end } = this;
    if (this.at >= end || bytes[this.at] !== quote) {
      return false;
    }
    this.escaped = false;
    let at = this.at + 1;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) {
        this.at = at + 1;
        return true;
      }
      if (byte < 0x20) {
        return false;
      }
      at += 1;
      if (byte === backslash) {
        this.escaped = true;
        const length = escapeLength(bytes, at, end);
        if (length === 0) {
          return false;
        }
        at += length;
      }
    }
    return false;
  }

  protected skipSpace(): void {
    let { at } = this;
    for (; at < this.end; at += 1) {
      const byte = this.bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        break;
      }
    }
    this.at = at;
  }

  private peek(): number {
    return this.at < this.end ? (this.bytes[this.at] ?? 0) : 0;
  }

  protected take(byte: number): boolean {
    if (this.at < this.end && this.bytes[this.at] === byte) {
      this.at += 1;
      return true;
    }
    return false;
  }

  /** Reads a number, `true`, `false` or `null`. @returns its kind, `absent` for anything else */
  protected scalar(): number {
    const first = this.bytes[this.at] ?? 0;
    if (first === minus || isDigit(first)) {
      return this.number();
    }
    const word = first === 0x74 ? 'true' : first === 0x66 ? 'false' : 'null';
    for (let i = 0; i < word.length; i += 1) {
      if (this.at + i >= this.end || this.bytes[this.at + i] !== word.charCodeAt(i)) {
        return valueKind.absent;
      }
    }
    this.at += word.length;
    return valueKind.other;
  }

  private number(): number {
    const start = this.at;
    this.take(minus);
    const zero = this.peek() === 0x30;
    const digits = this.digits();
    if (digits === 0 || (zero && digits > 1)) {
      return valueKind.absent;
    }
    let kind: number = valueKind.integer;
    if (this.take(0x2e)) {
      kind = valueKind.number;
      if (this.digits() === 0) {
        return valueKind.absent;
      }
    }
    if (this.take(0x65) || this.take(0x45)) {
      kind = valueKind.number;
      if (!this.take(0x2b)) {
        this.take(minus);
      }
      if (this.digits() === 0) {
        return valueKind.absent;
      }
    }
    return this.at - start > lineLimits.numberCharacters ? valueKind.absent : kind;
  }

  private digits(): number {
    const start = this.at;
    while (this.at < this.end && isDigit(this.bytes[this.at] ?? 0)) {
      this.at += 1;
    }
    return this.at - start;
  }

  /** Reads an object or array inside the line's object. A list of the open ones replaces recursion. */
  protected nested(): boolean {
    const open: number[] = [];
    for (;;) {
      this.skipSpace();
      const first = this.peek();
      if (first === openBrace || first === openBracket) {
        this.at += 1;
        open.push(first);
        // The line's own object is the first level.
        if (open.length >= lineLimits.depth) {
          return false;
        }
        this.skipSpace();
        if (!this.take(first === openBrace ? closeBrace : closeBracket)) {
          if (first === openBrace && !this.innerName()) {
            return false;
          }
          continue;
        }
        open.pop();
      } else if (first === quote ? !this.string() : this.scalar() === valueKind.absent) {
        return false;
      }
      const next = this.closeAndContinue(open);
      if (next !== 'value') {
        return next === 'end';
      }
    }
  }

  /** After a value: closes the containers that end here, and tells whether another value follows. */
  private closeAndContinue(open: number[]): 'value' | 'end' | 'malformed' {
    for (;;) {
      const container = open.at(-1);
      if (container === undefined) {
        return 'end';
      }
      this.skipSpace();
      if (this.take(comma)) {
        this.skipSpace();
        return container === openBracket || this.innerName() ? 'value' : 'malformed';
      }
      if (!this.take(container === openBrace ? closeBrace : closeBracket)) {
        return 'malformed';
      }
      open.pop();
    }
  }

  /** Reads the name of a field of an inner object, and its colon. */
  private innerName(): boolean {
    if (!this.name()) {
      return false;
    }
    this.skipSpace();
    return this.take(colon);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
