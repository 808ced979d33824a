/**
 * Reads one line of bytes as a JSON object (RFC 8259) and notes where the values of wanted fields lie,
 * without an object or a string for what nobody asked for. Number tokens are kept as they were written:
 * `1.0` is no integer, and `9007199254740993` is not quietly another number.
 */

/** Limits beyond which a line is not well formed; within them Spark reads it too . */
export const lineLimits = {
  bytes: 16 * 1024 * 1024,
  depth: 500,
  numberCharacters: 1000,
  nameCharacters: 50_000,
} as const;

/** What a field's value is. */
export const valueKind = { absent: 0, other: 1, integer: 2, number: 3, text: 4, escapedText: 5 } as const;

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;

export class JsonScanner {
  /** For each wanted field: its kind, and where its token (of text: what is between the quotes) lies. */
  readonly kinds: Uint8Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;

  private readonly nameBytes: readonly Uint8Array[];
  private readonly fieldOfName: ReadonlyMap<string, number>;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  /** Set by `string`: whether the text that was read has a backslash. */
  private escaped = false;

  /** @param names the wanted fields, in the order in which they are expected */
  constructor(names: readonly string[]) {
    this.kinds = new Uint8Array(names.length);
    this.starts = new Float64Array(names.length);
    this.ends = new Float64Array(names.length);
    this.nameBytes = names.map((name) => new TextEncoder().encode(name));
    this.fieldOfName = new Map(names.map((name, field) => [name, field]));
  }

  /**
   * Scans the line that lies in `bytes`, which must be valid UTF-8, from `start` up to `end`.
   * @returns whether it is one well-formed object and nothing else; only then do the fields hold anything
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
      const field = this.name(expected);
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

  /** The field that a name stands for; most often it is the expected one, which comparing bytes tells. */
  private name(expected: number): number {
    const wanted = this.nameBytes[expected];
    if (
      wanted !== undefined &&
      this.bytes[this.at] === quote &&
      this.bytes[this.at + 1 + wanted.length] === quote
    ) {
      let same = 0;
      while (same < wanted.length && this.bytes[this.at + 1 + same] === wanted[same]) {
        same += 1;
      }
      if (same === wanted.length && this.at + 2 + same <= this.end) {
        this.at += same + 2;
        return expected;
      }
    }
    const start = this.at + 1;
    if (!this.string()) {
      return malformed;
    }
    const length = this.at - 1 - start;
    if (length <= lineLimits.nameCharacters && !this.escaped) {
      return this.fieldOfName.get(textAt(this.bytes, start, this.at - 1)) ?? notWanted;
    }
    const name = this.escaped
      ? unescaped(this.bytes, start, this.at - 1)
      : textAt(this.bytes, start, this.at - 1);
    // UTF-16 units, as Spark's reader of JSON counts them.
    return name.length > lineLimits.nameCharacters ? malformed : (this.fieldOfName.get(name) ?? notWanted);
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

  /** A number, `true`, `false` or `null`: its kind, or `absent` when it is none of these. */
  private scalar(): number {
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

  /** An object or array inside the line's object, with what it holds; a list of open ones instead of recursion. */
  private nested(): boolean {
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

  /** After a value: closes what ends here, and says whether another value follows. */
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

  /** The name of a field of an inner object, and its colon. */
  private innerName(): boolean {
    if (this.name(-1) === malformed) {
      return false;
    }
    this.skipSpace();
    return this.take(colon);
  }

  /** Text in quotes; leaves `at` behind the closing one. */
  private string(): boolean {
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

  private skipSpace(): void {
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

  private take(byte: number): boolean {
    if (this.at < this.end && this.bytes[this.at] === byte) {
      this.at += 1;
      return true;
    }
    return false;
  }
}

const notWanted = -1;
const malformed = -2;

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The length of what follows a backslash, 0 when it is no escape. */
export function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  const byte = at < end ? (bytes[at] ?? 0) : 0;
  if (byte !== 0x75) {
    return simpleEscapes.includes(byte) ? 1 : 0;
  }
  if (at + 5 > end) {
    return 0;
  }
  for (let i = at + 1; i < at + 5; i += 1) {
    const digit = bytes[i] ?? 0;
    const letter = digit | 0x20;
    if (!isDigit(digit) && !(letter >= 0x61 && letter <= 0x66)) {
      return 0;
    }
  }
  return 5;
}

const simpleEscapes: readonly number[] = [...'"\\/bfnrt'].map((character) => character.charCodeAt(0));

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** The text of a JSON string from what is between its quotes; an unpaired surrogate becomes `?`, as on Spark. */
export function unescaped(bytes: Uint8Array, start: number, end: number): string {
  const text: unknown = JSON.parse(`"${textAt(bytes, start, end)}"`);
  return String(text).replace(/\p{Surrogate}/gu, '?');
}
