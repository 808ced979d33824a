/** Texts of a field one after the other, each behind its length in four bytes: as Parquet's PLAIN encoding wants them. */
import { ends, starts } from './cells';

/** By the first byte of a text: 1 where it is laid out as it is. */
export const passes: usize = memory.data(256, 16);
/** The texts, with room for a last piece. */
export const laid: usize = memory.data((1 << 18) + (1 << 9) + 16, 16);
/** Where each row's text ends in there, or −1 − end for null; a 32-bit number. */
export const laidEnds: usize = memory.data(1 << 9, 16);

/**
 * Lays texts out, from a row on, until one is empty, has escapes or does not pass.
 * @param width the number of fields
 * @returns that row, or `rows`
 */
export function layOut(width: i32, field: i32, from: i32, rows: i32): i32 {
  let cell = (from * width + field) << 2;
  let end = laidEnds;
  let at = laid;
  for (let row = from; row < rows; row += 1, cell += width << 2, end += 4) {
    const start = load<i32>(starts + (cell as usize));
    if (start < 0) {
      store<i32>(end, -1 - ((at - laid) as i32));
      continue;
    }
    const length = load<i32>(ends + (cell as usize)) - start;
    // Of one with escapes the end is negative, and so is the length.
    if (length <= 0 || load<u8>(passes + (load<u8>(start as usize) as usize)) !== 1) return row;
    store<i32>(at, length);
    at += 4;
    for (let i = 0; i < length; i += 16) {
      v128.store(at + (i as usize), v128.load((start as usize) + (i as usize)));
    }
    at += length as usize;
    store<i32>(end, (at - laid) as i32);
  }
  return rows;
}
