/**
 * Finds the fields of many lines of JSON. Lines as programs write them (the dataset's fields, all of them, in its order,
 * compact or with one space behind `:` and `,`) are read in one pass without an object, string or call for a
 * field; a line that is anything else is left to the general scanner, which knows all of JSON, with the same result.
 */
import type { RawSchema } from '../plan/dataset.ts';
import { largestInteger } from '../plan/types.ts';
import { grown } from '../table/text_dictionary.ts';
import { escapeLength, JsonScanner, lineLimits, unescaped, valueKind } from './json_scanner.ts';

/** Lines that are scanned before their fields are read: few enough for what they hold to stay near the processor. */
const rowsAtOnce = 128;

/** What the lines of a block say in each raw field, cell by cell: that of a field in a row is `row * width + field`. */
export class LineFields {
  /** The rows that are filled. */
  length = 0;
  readonly capacity = rowsAtOnce;
  /** The bytes that the texts lie in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Of a text field: where its text begins, −1 for null. */
  readonly starts: Int32Array;
  /** Where it ends, or −1 − end when it has escapes. */
  readonly ends: Int32Array;
  /** The value of a number field, NaN for null. */
  readonly numbers: Float64Array;
  /** Where each row's line begins. */
  readonly lineStarts = new Int32Array(rowsAtOnce);
  private text: Uint8Array = new Uint8Array(256);

  /** @param width the number of raw fields */
  constructor(readonly width: number) {
    this.starts = new Int32Array(rowsAtOnce * width);
    this.ends = new Int32Array(rowsAtOnce * width);
    this.numbers = new Float64Array(rowsAtOnce * width);
  }

  /** The text of a cell that has escapes, as UTF-8; a view that holds until the next one is asked for. */
  unescapedAt(cell: number): Uint8Array {
    const { bytes } = this;
    const start = this.starts[cell] ?? 0;
    const end = -1 - (this.ends[cell] ?? 0);
    this.text = grown(this.text, end - start);
    const { text } = this;
    let length = 0;
    for (let at = start; at < end; at += 1) {
      let byte = bytes[at] ?? 0;
      if (byte === backslash) {
        at += 1;
        byte = escapedBytes[bytes[at] ?? 0] ?? 0;
        // Behind \\u are UTF-16 units, which may or may not be pairs.
        if (byte === 0) return encoder.encode(unescaped(bytes, start, end));
      }
      text[length] = byte;
      length += 1;
    }
    return text.subarray(0, length);
  }
}

export class LineScanner {
  readonly fields: LineFields;
  private readonly general: JsonScanner;
  private readonly key: number;
  /** For each field: 0 a text, 1 a double, 2 an integer, 3 the key. */
  private readonly kinds: Uint8Array;
  /** `"name":` of each field, as words of four bytes that may overlap: where the words of a field end, and what they are. */
  private readonly lengths: Int32Array;
  private readonly wordEnds: Int32Array;
  private readonly wordOffsets: Int32Array;
  private readonly words: Int32Array;

  constructor(raw: RawSchema, key: string) {
    const names = Object.keys(raw);
    this.fields = new LineFields(names.length);
    this.general = new JsonScanner(names);
    this.key = names.indexOf(key);
    this.kinds = Uint8Array.from(names, (name) => (name === key ? keyKind : kindOf[raw[name] ?? 'text']));
    const tokens = names.map((name) => encoder.encode(`${JSON.stringify(name)}:`));
    this.lengths = Int32Array.from(tokens, ({ length }) => length);
    const offsets = tokens.map(({ length }) =>
      Array.from({ length: Math.ceil(length / 4) }, (_, word) => Math.min(word * 4, length - 4)),
    );
    let words = 0;
    this.wordEnds = Int32Array.from(offsets, ({ length }) => (words += length));
    this.wordOffsets = Int32Array.from(offsets.flat());
    this.words = Int32Array.from(
      tokens.flatMap((token, field) => {
        const view = new DataView(token.buffer, token.byteOffset, token.length);
        return (offsets[field] ?? []).map((offset) => view.getInt32(offset));
      }),
    );
  }

  /**
   * Fills `fields` with the lines of `bytes` from `from` up to `to`, each ended by `\n`, until they are full, the bytes end,
   * or a line is not as expected.
   * @param view of the same bytes
   * @returns where the first line begins that was not read
   */
  scan(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    const { kinds, lengths, wordEnds, wordOffsets, words } = this;
    const { starts, ends, numbers, lineStarts, width, capacity } = this.fields;
    let row = this.fields.length;
    let line = from;
    lines: for (; line < to && row < capacity; row += 1) {
      let at = line;
      let word = 0;
      let cell = row * width;
      for (let field = 0; field < width; field += 1, cell += 1) {
        const length = lengths[field] ?? 0;
        // A brace or comma, perhaps a space, the name, perhaps a space, and the first byte of a value.
        if (at + length + 4 > to || bytes[at] !== (field === 0 ? openBrace : comma)) break lines;
        at += 1;
        if (bytes[at] === space) at += 1;
        for (const last = wordEnds[field] ?? 0; word < last; word += 1) {
          if (view.getInt32(at + (wordOffsets[word] ?? 0)) !== words[word]) break lines;
        }
        at += length;
        if (bytes[at] === space) at += 1;
        const kind = kinds[field] ?? 0;
        const first = at < to ? (bytes[at] ?? 0) : 0;
        if (first === 0x6e) {
          // null
          if (at + 4 > to || view.getInt32(at) !== 0x6e756c6c || kind === keyKind) break lines;
          at += 4;
          starts[cell] = -1;
          numbers[cell] = Number.NaN;
        } else if (kind === textKind) {
          if (first !== quote) break lines;
          at += 1;
          starts[cell] = at;
          for (; at + 4 <= to; at += 4) {
            // Whether one of four bytes is a quote, a backslash or a control character: a byte less than n borrows from its
            // highest bit ("Bit Twiddling Hacks", S. E. Anderson, Determine if a word has a byte less than n).
            const four = view.getInt32(at);
            const quotes = four ^ 0x22222222;
            const backslashes = four ^ 0x5c5c5c5c;
            const found =
              ((four - 0x20202020) & ~four) |
              ((quotes - 0x01010101) & ~quotes) |
              ((backslashes - 0x01010101) & ~backslashes);
            if ((found & 0x80808080) !== 0) break;
          }
          while (at < to && stops[bytes[at] ?? 0] === 0) at += 1;
          if (at >= to) break lines;
          if (bytes[at] === quote) {
            ends[cell] = at;
          } else {
            at = closingQuote(bytes, at, to);
            if (at < 0) break lines;
            ends[cell] = -1 - at;
          }
          at += 1;
        } else {
          const token = at;
          if (first === minus) at += 1;
          const whole = at;
          let value = 0;
          for (; at < to; at += 1) {
            const digit = (bytes[at] ?? 0) - zero;
            if (digit < 0 || digit > 9) break;
            value = value * 10 + digit;
          }
          let digits = at - whole;
          if (digits === 0 || (digits > 1 && bytes[whole] === zero)) break lines;
          if (kind === doubleKind && at < to && bytes[at] === point) {
            at += 1;
            const fraction = at;
            for (; at < to; at += 1) {
              const digit = (bytes[at] ?? 0) - zero;
              if (digit < 0 || digit > 9) break;
              value = value * 10 + digit;
            }
            const decimals = at - fraction;
            digits += decimals;
            if (decimals === 0) break lines;
            // Both are exact, so their quotient is the nearest double.
            if (digits <= exactDigits) value /= powersOfTen[decimals] ?? 1;
          }
          if (digits > exactDigits) {
            if (kind !== doubleKind || digits > longestNumber) break lines;
            value = finite(Math.abs(numberAt(bytes, token, at)));
          }
          // Adding 0 makes −0 into 0.
          numbers[cell] = first === minus ? -value + 0 : value;
        }
      }
      if (at >= to || bytes[at] !== closeBrace || at - line >= lineLimits.bytes) break;
      at += 1;
      if (at < to && bytes[at] === carriageReturn) at += 1;
      if (at < to && bytes[at] !== newline) break;
      lineStarts[row] = line;
      line = at + 1;
    }
    this.fields.length = row;
    return Math.min(line, to);
  }

  /** Reads one line, whatever it is, as the next row. There must be room. @returns why it is no row, or undefined */
  scanAny(bytes: Uint8Array, start: number, end: number): 'malformed_json' | 'missing_key' | undefined {
    const { general, fields } = this;
    if (!general.scan(bytes, start, end)) {
      return 'malformed_json';
    }
    if (Number.isNaN(this.numberOf(bytes, this.key))) {
      return 'missing_key';
    }
    for (let field = 0; field < fields.width; field += 1) {
      const cell = fields.length * fields.width + field;
      if (this.kinds[field] === textKind) {
        const kind = general.kinds[field];
        const escaped = kind === valueKind.escapedText;
        const end = general.ends[field] ?? 0;
        fields.starts[cell] = escaped || kind === valueKind.text ? (general.starts[field] ?? 0) : -1;
        fields.ends[cell] = escaped ? -1 - end : end;
      } else {
        fields.numbers[cell] = this.numberOf(bytes, field);
      }
    }
    fields.lineStarts[fields.length] = start;
    fields.length += 1;
    return undefined;
  }

  /** The number in a field of the line that the general scanner has read, NaN for anything else. */
  private numberOf(bytes: Uint8Array, field: number): number {
    const { kinds, starts, ends } = this.general;
    const kind = kinds[field];
    if (kind !== valueKind.integer && kind !== valueKind.number) {
      return Number.NaN;
    }
    const value = numberAt(bytes, starts[field] ?? 0, ends[field] ?? 0);
    if (this.kinds[field] === doubleKind) {
      return finite(value);
    }
    return kind === valueKind.integer && Math.abs(value) <= largestInteger ? value + 0 : Number.NaN;
  }
}

const textKind = 0;
const doubleKind = 1;
const integerKind = 2;
const keyKind = 3;
const kindOf = { text: textKind, double: doubleKind, bigint: integerKind } as const;

const space = 0x20;
const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Numbers of so many digits are exact in a double, and so is their power of ten. */
const exactDigits = 15;
const powersOfTen = Float64Array.from({ length: exactDigits + 1 }, (_, exponent) => 10 ** exponent);
/** Behind a sign and a point; a longer one is the general scanner's to judge. */
const longestNumber = lineLimits.numberCharacters - 2;

/** 1 for the bytes that end a run of plain ones in a text: quote, backslash, control characters. */
const stops = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === quote || byte === backslash ? 1 : 0,
);

/** What each letter behind a backslash stands for, 0 for none. */
const escapedBytes = new Uint8Array(256);
for (const [letter, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  escapedBytes[letter?.charCodeAt(0) ?? 0] = meaning?.charCodeAt(0) ?? 0;
}

const encoder = new TextEncoder();

/** Where a text with escapes ends, from its first backslash on; −1 when it is not well formed. */
function closingQuote(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at;
    if (byte < 0x20) return -1;
    if (byte === backslash) {
      const length = escapeLength(bytes, at + 1, to);
      if (length === 0) return -1;
      at += length;
    }
  }
  return -1;
}

/** The number, NaN when it is infinite; −0 becomes 0. */
function finite(value: number): number {
  return Number.isFinite(value) ? value + 0 : Number.NaN;
}

/** The number that a token is, ±Infinity when it is too large. */
function numberAt(bytes: Uint8Array, start: number, end: number): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
}
