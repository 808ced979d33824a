/**
 * Decodes values and levels of a Parquet page (write/values.ts encodes them).
 *
 * Bytes after the end of a damaged page read as 0 in `readHybrid`'s packed runs; `readOffsets` then checks the offsets, and
 * the number of rows is checked at the end.
 */
import { millisecondsInDay } from '../../plan/timestamp.ts';

/** The hybrid of runs and packed bits (Parquet's RLE encoding). */
export function readHybrid(bytes: Uint8Array, width: number, into: Uint8Array | Int32Array): void {
  let at = 0;
  const mask = 2 ** width - 1;
  for (let filled = 0; filled < into.length; ) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) {
        throw new Error(`a page ends after ${filled} of ${into.length} values`);
      }
      header |= (byte & 127) << shift;
      if (byte < 128) {
        break;
      }
    }
    if ((header & 1) === 0) {
      let value = 0;
      for (let shift = 0; shift < width; shift += 8) {
        value |= (bytes[at++] ?? 0) << shift;
      }
      const end = Math.min(into.length, filled + (header >>> 1));
      into.fill(value, filled, end);
      filled = end;
    } else {
      const count = (header >>> 1) * 8;
      const end = Math.min(into.length, filled + count);
      const next = at + (count / 8) * width;
      let pending = 0;
      let bits = 0;
      for (; filled < end; filled += 1) {
        // At most 24 bits wide, so that `pending` stays within 32.
        for (; bits < width; bits += 8) {
          pending |= (bytes[at++] ?? 0) << bits;
        }
        into[filled] = pending & mask;
        pending >>>= width;
        bits -= width;
      }
      at = next;
    }
  }
}

/** Reads offsets into a dictionary. @throws Error when one is not below its size */
export function readOffsets(bytes: Uint8Array, size: number, into: Int32Array): void {
  const width = bytes[0] ?? 0;
  if (width > 24) {
    throw new Error(`a page has offsets of ${width} bits`);
  }
  readHybrid(bytes.subarray(1), width, into);
  for (const offset of into) {
    if (offset >= size) {
      throw new Error(`a page has the offset ${offset} into a dictionary of ${size}`);
    }
  }
}

export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  );
}

/** The number of values of a page that are not null. */
export function presentIn(definition: Uint8Array, largest: number): number {
  if (largest === 0) {
    return definition.length;
  }
  let count = 0;
  for (let slot = 0; slot < definition.length; slot += 1) {
    count += definition[slot] === largest ? 1 : 0;
  }
  return count;
}

/** Writes the values of a page to the slots that are not null. */
export function spread(
  present: Int32Array | Float64Array,
  into: Int32Array | Float64Array,
  definition: Uint8Array,
) {
  let next = 0;
  for (let slot = 0; slot < into.length; slot += 1) {
    if (definition[slot] === 1) {
      into[slot] = present[next++] ?? Number.NaN;
    }
  }
}

export function integerAt(view: DataView, at: number): number {
  const value = view.getInt32(at + 4, true) * 4294967296 + view.getUint32(at, true);
  if (!Number.isSafeInteger(value)) {
    throw new Error(`it holds ${view.getBigInt64(at, true)}, which a bigint cannot hold exactly`);
  }
  return value;
}

export function smallAt(view: DataView, at: number): number {
  return view.getInt32(at, true);
}

/** Reads a date, which counts days, as the milliseconds of its midnight. */
export function midnightAt(view: DataView, at: number): number {
  return view.getInt32(at, true) * millisecondsInDay;
}

/** Reads a double: NaN is not a value of a plan, and −0 becomes 0. */
export function doubleAt(view: DataView, at: number): number {
  const value = view.getFloat64(at, true) + 0;
  if (Number.isNaN(value)) {
    throw new Error('it holds NaN, which is not a value');
  }
  return value;
}

/** Reads microseconds, which exceed 2⁵³ from the year 2255 on, as milliseconds: 2³² is 4294967 times a thousand and 296. */
export function millisecondsAt(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  const rest = high * 296 + view.getUint32(at, true);
  const whole = Math.floor(rest / 1000);
  return high * 4294967 + whole + (rest - whole * 1000) / 1000;
}
