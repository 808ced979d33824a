/**
 * The inner loop of line_scanner.ts, in AssemblyScript: TypeScript's syntax for WebAssembly, whose instructions process sixteen
 * bytes at a time. Every loop stops at a line end, so none has to check for the end of the bytes.
 */
import { ends, lineStarts, mostCells, mostRows, numbers, plan, starts } from './cells';

/** The rows that are filled. */
export let rows: i32 = 0;
/** True when some numbers have more digits than a double holds exactly: their cells hold spans, as those of strings do. */
export let hasLongNumbers: bool = false;

/** A field of the plan: its kind, the length of `"name":`, and that token in pieces of 16 bytes, each after a mask of the bytes that count. */
const kindOffset: usize = 0;
const lengthOffset: usize = 4;
const piecesOffset: usize = 16;
const pieceSize: usize = 32;

const textKind: i32 = 0;
const doubleKind: i32 = 1;
const keyKind: i32 = 3;

const newline: i32 = 0x0a;
const carriageReturn: i32 = 0x0d;
const space: i32 = 0x20;
const quote: i32 = 0x22;
const comma: i32 = 0x2c;
const minus: i32 = 0x2d;
const point: i32 = 0x2e;
const slash: i32 = 0x2f;
const zero: i32 = 0x30;
const backslash: i32 = 0x5c;
const openBrace: i32 = 0x7b;
const closeBrace: i32 = 0x7d;
/** `null`, as a little-endian word. */
const nullWord: u32 = 0x6c6c756e;

/** The most digits of a number that a double holds exactly, as it does their power of ten. */
const exactDigits: i32 = 15;
const powersOfTen: StaticArray<f64> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];
/** The most digits of a number that is read here; the general scanner decides on longer ones. */
const mostDigits: i32 = 998;

/**
 * Reads lines from `from` up to `to` until there are as many rows as fit, the bytes end, or a line is not as expected.
 * @param width the number of fields
 * @returns the start of the first line that was not read
 */
export function scanLines(width: i32, from: usize, to: usize): usize {
  const capacity = min(mostRows, mostCells / width);
  let line = from;
  while (line < to && rows < capacity) {
    const end = scanLine(width, line, (rows * width) as usize);
    if (end === 0) {
      break;
    }
    store<u32>(lineStarts + ((rows as usize) << 2), line as u32);
    rows += 1;
    line = end;
  }
  return min(line, to);
}

/** Reads one line into the cells from one on. @returns the address after it, 0 when it is not as expected */
function scanLine(width: i32, line: usize, cell: usize): usize {
  let at = line;
  let field = plan;
  let start = starts + (cell << 2);
  let end = ends + (cell << 2);
  let number = numbers + (cell << 3);
  let separator = openBrace;
  for (let left = width; left > 0; left -= 1) {
    if (load<u8>(at) !== separator) {
      return 0;
    }
    separator = comma;
    at += 1;
    if (load<u8>(at) === space) {
      at += 1;
    }
    const length = load<u32>(field, lengthOffset) as usize;
    const kind = load<i32>(field, kindOffset);
    let piece = field + piecesOffset;
    for (let compared: usize = 0; compared < length; compared += 16, piece += pieceSize) {
      const different = v128.and(v128.xor(v128.load(at + compared), v128.load(piece, 16)), v128.load(piece));
      if (v128.any_true(different)) {
        return 0;
      }
    }
    field = piece;
    at += length;
    if (load<u8>(at) === space) {
      at += 1;
    }
    const first = load<u8>(at) as i32;
    if (first === quote) {
      if (kind !== textKind) {
        return 0;
      }
      at += 1;
      store<u32>(start, at as u32);
      at = endOfUnescaped(at);
      if (load<u8>(at) === quote) {
        store<u32>(end, at as u32);
      } else {
        at = closingQuote(at);
        if (at === 0) {
          return 0;
        }
        store<i32>(end, -1 - (at as i32));
      }
      at += 1;
    } else if (load<u32>(at) === nullWord) {
      if (kind === keyKind) {
        return 0;
      }
      at += 4;
      store<i32>(start, -1);
      store<f64>(number, NaN);
    } else {
      if (kind === textKind) {
        return 0;
      }
      const token = at;
      if (first === minus) {
        at += 1;
      }
      const whole = at;
      let value: f64 = 0;
      let digit = (load<u8>(at) as u32) - zero;
      while (digit < 10) {
        value = value * 10 + (digit as f64);
        at += 1;
        digit = (load<u8>(at) as u32) - zero;
      }
      let digits = (at - whole) as i32;
      if (digits === 0 || (digits > 1 && load<u8>(whole) === zero)) {
        return 0;
      }
      let decimals = 0;
      if (kind === doubleKind && load<u8>(at) === point) {
        at += 1;
        const fraction = at;
        digit = (load<u8>(at) as u32) - zero;
        while (digit < 10) {
          value = value * 10 + (digit as f64);
          at += 1;
          digit = (load<u8>(at) as u32) - zero;
        }
        decimals = (at - fraction) as i32;
        if (decimals === 0) {
          return 0;
        }
        digits += decimals;
      }
      store<i32>(start, -1);
      if (digits > exactDigits) {
        if (kind !== doubleKind || digits > mostDigits) {
          return 0;
        }
        // line_scanner.ts rounds it.
        store<u32>(start, token as u32);
        store<u32>(end, at as u32);
        hasLongNumbers = true;
      } else if (decimals > 0) {
        // Both are exact, so their quotient is the nearest double.
        value /= unchecked(powersOfTen[decimals]);
      }
      // Adding 0 makes −0 into 0.
      store<f64>(number, first === minus ? 0.0 - value : value);
    }
    start += 4;
    end += 4;
    number += 8;
  }
  if (load<u8>(at) !== closeBrace) {
    return 0;
  }
  at += 1;
  if (load<u8>(at) === carriageReturn) {
    at += 1;
  }
  return load<u8>(at) === newline ? at + 1 : 0;
}

/** The address of the first quote, backslash or control character. */
function endOfUnescaped(from: usize): usize {
  let at = from;
  let mask = stopsAt(at);
  while (mask === 0) {
    at += 16;
    mask = stopsAt(at);
  }
  return at + (ctz(mask) as usize);
}

/** Sixteen bits: 1 for each byte that is a quote, a backslash or a control character. */
function stopsAt(at: usize): i32 {
  const bytes = v128.load(at);
  const quotes = i8x16.eq(bytes, i8x16.splat(quote as i8));
  const backslashes = i8x16.eq(bytes, i8x16.splat(backslash as i8));
  const controls = i8x16.lt_u(bytes, i8x16.splat(space as i8));
  return i8x16.bitmask(v128.or(v128.or(quotes, backslashes), controls));
}

/** The closing quote of a string, from its first backslash or control character on; 0 when it is malformed. */
function closingQuote(from: usize): usize {
  let at = from;
  while (load<u8>(at) === backslash) {
    const letter = load<u8>(at, 1) as i32;
    if (letter === 0x75) {
      for (let i: usize = 2; i < 6; i += 1) {
        if (!isHexadecimal(load<u8>(at + i))) {
          return 0;
        }
      }
      at += 6;
    } else {
      if (!isSimpleEscape(letter)) {
        return 0;
      }
      at += 2;
    }
    at = endOfUnescaped(at);
  }
  return load<u8>(at) === quote ? at : 0;
}

function isHexadecimal(digit: u32): bool {
  return digit - 0x30 < 10 || (digit | 0x20) - 0x61 < 6;
}

/** True for a letter of `"\/bfnrt`, which may follow a backslash. */
function isSimpleEscape(letter: i32): bool {
  return (
    letter === quote ||
    letter === backslash ||
    letter === slash ||
    letter === 0x62 ||
    letter === 0x66 ||
    letter === 0x6e ||
    letter === 0x72 ||
    letter === 0x74
  );
}
