/**
 * Texts that were met before, with their codes, so that most texts of a field are found without leaving WebAssembly. A table
 * remembers the first texts, as many as fit; it need not know all, for whoever asks knows what to do with the others.
 */
import { ends, starts } from './cells';

export const mostTables: i32 = 16;
/** The tables, one after the other. */
export const tables: usize = memory.data(16 * (0x140000 + 16), 16);
export const tableBytes: usize = 0x140000 + 16;
/** The code of each row, −1 for null; a 32-bit number. */
export const codes: usize = memory.data(1 << 9, 16);
/** The rows whose codes are not known; 32-bit numbers. */
export const unknown: usize = memory.data(1 << 9, 16);

/** A table begins with the number of bytes of its texts that are in use. */
const usedOffset: usize = 0;
/** A hash and the address of a text, both of 32 bits; 0 where free. */
const slotsOffset: usize = 16;
const slots: u32 = 1 << 15;
/** Texts: a length and a code of 32 bits, and the bytes, at least 16. */
const textsOffset: usize = 16 + (1 << 18);
const textsBytes: u32 = 1 << 20;
const bytesOffset: usize = 8;
/** Slots that are looked at for a text: what is not found there is not known. */
const mostProbes: u32 = 8;
const longest: i32 = 1 << 10;

/** Odd numbers without a pattern, by which hashes are multiplied. */
const firstFactor: u64 = (0x9e3779b9 << 32) | 0x7f4a7c15;
const secondFactor: u64 = (0xc2b2ae3d << 32) | 0x27d4eb4f;
const lastFactor: u64 = (0x165667b1 << 32) | 0x9e3779f9;

/** Sixteen bytes of ones before sixteen of zeros. */
const masks: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0,
]);

/** Forgets the texts of a table. */
export function clearTable(table: usize): void {
  memory.fill(table + slotsOffset, 0, (slots as usize) << 3);
  store<u32>(table, 0, usedOffset);
}

/**
 * Looks up the texts of a field, in all rows.
 * @param width the number of fields
 * @returns how many rows have a text that is not known
 */
export function codesOf(table: usize, width: i32, field: i32, rows: i32): i32 {
  let missing = 0;
  let cell = (field as usize) << 2;
  for (let row = 0; row < rows; row += 1, cell += (width as usize) << 2) {
    const start = load<i32>(starts + cell);
    let code = -1;
    if (start >= 0) {
      const end = load<i32>(ends + cell);
      const length = end - start;
      let text: usize = 0;
      // Of one with escapes the end is negative, and so is the length.
      if (length >= 0 && length <= longest) {
        text = load<u32>(slotOf(table, start as usize, length), 4);
      }
      if (text !== 0) {
        code = load<i32>(text, 4);
      } else {
        store<i32>(unknown + ((missing as usize) << 2), row);
        missing += 1;
      }
    }
    store<i32>(codes + ((row as usize) << 2), code);
  }
  return missing;
}

/** Remembers a text, if there is room for it. */
export function remember(table: usize, start: usize, length: i32, code: i32): void {
  const used = load<u32>(table, usedOffset);
  const bytes = (bytesOffset as u32) + max(16, (length + 7) & ~7);
  if (length > longest || used + bytes > textsBytes) return;
  const slot = slotOf(table, start, length);
  if (slot === nowhere || load<u32>(slot, 4) !== 0) return;
  store<u32>(table, used + bytes, usedOffset);
  const text = table + textsOffset + (used as usize);
  store<i32>(text, length);
  store<i32>(text, code, 4);
  memory.copy(text + bytesOffset, start, length as usize);
  store<u32>(slot, hashOf(start, length));
  store<u32>(slot, text as u32, 4);
}

/** What is given as a free slot where all that were looked at are taken. */
const nowhere: usize = memory.data(8, 8);

/** The slot of a text, or a free one where it is not known. */
function slotOf(table: usize, start: usize, length: i32): usize {
  const hash = hashOf(start, length);
  for (let probe: u32 = 0; probe < mostProbes; probe += 1) {
    const slot = table + slotsOffset + ((((hash + probe) & (slots - 1)) as usize) << 3);
    const text = load<u32>(slot, 4) as usize;
    if (text === 0 || (load<u32>(slot) === hash && isText(text, start, length))) return slot;
  }
  return nowhere;
}

function isText(text: usize, start: usize, length: i32): bool {
  if (load<i32>(text) !== length) return false;
  const bytes = text + bytesOffset;
  if (length <= 16) {
    return !v128.any_true(v128.and(v128.xor(v128.load(start), v128.load(bytes)), maskOf(length)));
  }
  const last = (length - 16) as usize;
  for (let at: usize = 0; at < last; at += 16) {
    if (v128.any_true(v128.xor(v128.load(start + at), v128.load(bytes + at)))) return false;
  }
  return !v128.any_true(v128.xor(v128.load(start + last), v128.load(bytes + last)));
}

/** Ones in the first bytes. */
function maskOf(length: i32): v128 {
  return v128.load(masks + 16 - (length as usize));
}

/** A hash of a text. */
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
