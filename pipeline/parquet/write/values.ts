/**
 * Encodes values and levels (https://parquet.apache.org/docs/file-format/data-pages/encodings/).
 *
 * Callers ask for rows of a column and codes of its dictionary only, so no `??` here is ever reached for a wrong index;
 * checking each would slow the loops over values.
 */

/** A growing array of bytes, emptied and filled again for each page. */
export class ByteBuffer {
  bytes = new Uint8Array(1 << 16);
  length = 0;

  /** Makes room for more bytes after those in use. */
  reserve(size: number): void {
    if (this.bytes.length < this.length + size) {
      const larger = new Uint8Array(Math.max(this.length + size, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
  }

  get used(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/** PLAIN 64-bit integers from doubles, times a factor of 1 or 1000; NaN is skipped. */
export function addIntegers(
  into: ByteBuffer,
  values: Float64Array,
  from: number,
  to: number,
  factor: 1 | 1000,
) {
  into.reserve((to - from) * 8);
  const { bytes } = into;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = into.length;
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) {
      continue;
    }
    if (factor === 1) {
      view.setInt32(at, value, true);
      view.setInt32(at + 4, value >= 0 && value < 4294967296 ? 0 : Math.floor(value / 4294967296), true);
    } else {
      // In two halves of 22 and more bits: microseconds are beyond 2⁵³ from the year 2255 on.
      const whole = Math.floor(value);
      const high = Math.floor(whole / 4194304);
      const low = (whole - high * 4194304) * 1000 + Math.round((value - whole) * 1000);
      const shifted = (((high * 1000) % 1024) + 1024) % 1024;
      const lowWord = shifted * 4194304 + low;
      view.setInt32(at, lowWord, true);
      view.setInt32(
        at + 4,
        Math.floor((high * 1000 - shifted) / 1024) + Math.floor(lowWord / 4294967296),
        true,
      );
    }
    at += 8;
  }
  into.length = at;
}

/** PLAIN 32-bit integers; NaN is skipped. */
export function addSmallIntegers(
  into: ByteBuffer,
  values: Float64Array,
  from: number,
  to: number,
  unit: number,
) {
  into.reserve((to - from) * 4);
  const view = new DataView(into.bytes.buffer);
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      view.setInt32(into.length, value / unit, true);
      into.length += 4;
    }
  }
}

/** PLAIN doubles; NaN is skipped. */
export function addDoubles(into: ByteBuffer, values: Float64Array, from: number, to: number) {
  into.reserve((to - from) * 8);
  const view = new DataView(into.bytes.buffer);
  let at = into.length;
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      view.setFloat64(at, value, true);
      at += 8;
    }
  }
  into.length = at;
}

/** PLAIN booleans, eight a byte; NaN is skipped. */
export function addBooleans(into: ByteBuffer, values: Float64Array, from: number, to: number) {
  const bits = new Uint8Array(to - from);
  let count = 0;
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      bits[count++] = value === 0 ? 0 : 1;
    }
  }
  packBits(into, bits, count, 1);
}

/** The length in bytes of a string of a dictionary, by the ends of all. */
export function lengthOfString(ends: Uint32Array, code: number): number {
  return (ends[code] ?? 0) - (code === 0 ? 0 : (ends[code - 1] ?? 0));
}

/** PLAIN strings of codes, each with its length before it; −1 is skipped. */
export function addStrings(
  into: ByteBuffer,
  { bytes: strings, ends }: { readonly bytes: Uint8Array; readonly ends: Uint32Array },
  codes: Int32Array,
  from: number,
  to: number,
) {
  for (let row = from; row < to; row += 1) {
    const code = codes[row] ?? -1;
    if (code < 0) {
      continue;
    }
    let start = code === 0 ? 0 : (ends[code - 1] ?? 0);
    const end = ends[code] ?? 0;
    const length = end - start;
    into.reserve(length + 4);
    const { bytes } = into;
    let at = into.length;
    bytes[at++] = length & 255;
    bytes[at++] = (length >>> 8) & 255;
    bytes[at++] = (length >>> 16) & 255;
    bytes[at++] = length >>> 24;
    if (length > 256) {
      bytes.set(strings.subarray(start, end), at);
      at += length;
    } else {
      while (start < end) {
        bytes[at++] = strings[start++] ?? 0;
      }
    }
    into.length = at;
  }
}

/** Bits that hold a number from 0 to `largest`: at least 1, since not every reader accepts 0. */
export function bitWidthOf(largest: number): number {
  return Math.max(1, 32 - Math.clz32(largest));
}

/** The hybrid of runs and packed bits: one run when all values are equal, else packed. */
export function addHybrid(into: ByteBuffer, values: ArrayLike<number>, count: number, width: number) {
  into.reserve(16 + Math.ceil((count + 7) / 8) * width);
  const first = values[0] ?? 0;
  let equal = 1;
  while (equal < count && values[equal] === first) {
    equal += 1;
  }
  if (count > 0 && equal === count) {
    addRun(into, first, count, width);
  } else if (count > 0) {
    addVarint(into, Math.ceil(count / 8) * 2 + 1);
    const end = into.length + Math.ceil(count / 8) * width;
    packBits(into, values, count, width);
    into.bytes.fill(0, into.length, end);
    into.length = end;
  }
}

/** The hybrid of runs and packed bits, as one run. */
export function addRun(into: ByteBuffer, value: number, count: number, width: number) {
  into.reserve(16);
  addVarint(into, count * 2);
  for (let shift = 0; shift < width; shift += 8) {
    into.bytes[into.length++] = (value >>> shift) & 255;
  }
}

function packBits(into: ByteBuffer, values: ArrayLike<number>, count: number, width: number) {
  into.reserve(Math.ceil((count * width) / 8));
  const { bytes } = into;
  let at = into.length;
  let pending = 0;
  let bits = 0;
  for (let i = 0; i < count; i += 1) {
    pending |= (values[i] ?? 0) << bits;
    for (bits += width; bits >= 8; bits -= 8) {
      bytes[at++] = pending & 255;
      pending >>>= 8;
    }
  }
  if (bits > 0) {
    bytes[at++] = pending & 255;
  }
  into.length = at;
}

function addVarint(into: ByteBuffer, value: number) {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    into.bytes[into.length++] = (rest % 128) + 128;
  }
  into.bytes[into.length++] = rest;
}
