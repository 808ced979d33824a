/**
 * A cache of strings and their codes, so that most strings of a field are found without leaving WebAssembly. A table holds the
 * first strings, as many as fit. A string that is missing here is looked up in its dictionary (string_cache.ts one folder up).
 */
import { ends, starts } from './cells';

export const mostTables: i32 = 16;
/** The tables, one after the other. */
export const tables: usize = memory.data(16 * (0x140000 + 16), 16);
export const tableBytes: usize = 0x140000 + 16;
/** The code of each row, −1 for null; 32-bit numbers. */
export const codes: usize = memory.data(1 << 9, 16);
/** The rows whose strings are missing in the table; 32-bit numbers. */
export const missingRows: usize = memory.data(1 << 9, 16);

/** A table begins with the number of bytes that its strings use. */
const usedOffset: usize = 0;
/** Slots: a hash and the address of an entry, 32 bits each; 0 when free. */
const slotsOffset: usize = 16;
const slots: u32 = 1 << 15;
/** Entries: a length and a code, 32 bits each, and the bytes, at least 16. */
const entriesOffset: usize = 16 + (1 << 18);
const entriesBytes: u32 = 1 << 20;
const bytesOffset: usize = 8;
/** The most slots that are probed for a string. */
const mostProbes: u32 = 8;
/** The longest string that is remembered, in bytes. */
const longest: i32 = 1 << 10;

/** Odd multipliers without a pattern. */
const firstFactor: u64 = (0x9e3779b9 << 32) | 0x7f4a7c15;
const secondFactor: u64 = (0xc2b2ae3d << 32) | 0x27d4eb4f;
const lastFactor: u64 = (0x165667b1 << 32) | 0x9e3779f9;

/** Sixteen bytes of ones before sixteen of zeros. */
const masks: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0,
]);

/** Forgets the strings of a table. */
export function clearTable(table: usize): void {
  memory.fill(table + slotsOffset, 0, (slots as usize) << 3);
  store<u32>(table, 0, usedOffset);
}

/**
 * Looks the strings of a field up, in all rows.
 * @param width the number of fields
 * @returns the number of rows whose strings are missing
 */
export function lookUpCodes(table: usize, width: i32, field: i32, rows: i32): i32 {
  let missing = 0;
  let cell = (field as usize) << 2;
  for (let row = 0; row < rows; row += 1, cell += (width as usize) << 2) {
    const start = load<i32>(starts + cell);
    let code = -1;
    if (start >= 0) {
      const end = load<i32>(ends + cell);
      const length = end - start;
      let entry: usize = 0;
      // A string with escapes has a negative end, hence a negative length.
      if (length >= 0 && length <= longest) {
        entry = load<u32>(slotOf(table, start as usize, length), 4);
      }
      if (entry !== 0) {
        code = load<i32>(entry, 4);
      } else {
        store<i32>(missingRows + ((missing as usize) << 2), row);
        missing += 1;
      }
    }
    store<i32>(codes + ((row as usize) << 2), code);
  }
  return missing;
}

/** Remembers a string, if there is room for it. */
export function remember(table: usize, start: usize, length: i32, code: i32): void {
  const used = load<u32>(table, usedOffset);
  const bytes = (bytesOffset as u32) + max(16, (length + 7) & ~7);
  if (length > longest || used + bytes > entriesBytes) {
    return;
  }
  const slot = slotOf(table, start, length);
  if (slot === nowhere || load<u32>(slot, 4) !== 0) {
    return;
  }
  store<u32>(table, used + bytes, usedOffset);
  const entry = table + entriesOffset + (used as usize);
  store<i32>(entry, length);
  store<i32>(entry, code, 4);
  memory.copy(entry + bytesOffset, start, length as usize);
  store<u32>(slot, hashOf(start, length));
  store<u32>(slot, entry as u32, 4);
}

/** Returned in place of a slot when all that were probed hold other strings. */
const nowhere: usize = memory.data(8, 8);

/** The slot of a string, or a free one when it is missing. */
function slotOf(table: usize, start: usize, length: i32): usize {
  const hash = hashOf(start, length);
  for (let probe: u32 = 0; probe < mostProbes; probe += 1) {
    const slot = table + slotsOffset + ((((hash + probe) & (slots - 1)) as usize) << 3);
    const entry = load<u32>(slot, 4) as usize;
    if (entry === 0 || (load<u32>(slot) === hash && isEqual(entry, start, length))) {
      return slot;
    }
  }
  return nowhere;
}

function isEqual(entry: usize, start: usize, length: i32): bool {
  if (load<i32>(entry) !== length) {
    return false;
  }
  const bytes = entry + bytesOffset;
  if (length <= 16) {
    return !v128.any_true(v128.and(v128.xor(v128.load(start), v128.load(bytes)), maskOf(length)));
  }
  const last = (length - 16) as usize;
  for (let at: usize = 0; at < last; at += 16) {
    if (v128.any_true(v128.xor(v128.load(start + at), v128.load(bytes + at)))) {
      return false;
    }
  }
  return !v128.any_true(v128.xor(v128.load(start + last), v128.load(bytes + last)));
}

/** A mask of the first bytes. */
function maskOf(length: i32): v128 {
  return v128.load(masks + 16 - (length as usize));
}

/** A hash of a string. */
export function hashOf(start: usize, length: i32): u32 {
  let even: u64 = length;
  let odd: u64 = 0;
  let block: v128;
  if (length <= 16) {
    block = v128.and(v128.load(start), maskOf(length));
  } else {
    const last = (length - 16) as usize;
    for (let at: usize = 0; at < last; at += 16) {
      block = v128.load(start + at);
      even = rotl<u64>((even ^ i64x2.extract_lane(block, 0)) * firstFactor, 29);
      odd = rotl<u64>((odd ^ i64x2.extract_lane(block, 1)) * secondFactor, 31);
    }
    block = v128.load(start + last);
  }
  even = (even ^ i64x2.extract_lane(block, 0)) * firstFactor;
  odd = (odd ^ i64x2.extract_lane(block, 1)) * secondFactor;
  const hash = (even ^ rotl<u64>(odd, 32) ^ (even >>> 29)) * lastFactor;
  return (hash ^ (hash >>> 32)) as u32;
}
