/** Encodes the strings of a field as Parquet's PLAIN encoding does: each after its length in four bytes. */
import { ends, starts } from './cells';

/** By the first byte of a string: 1 when it is encoded unchanged. */
export const passes: usize = memory.data(256, 16);
/** The strings, with room for a last store of sixteen bytes. */
export const encoded: usize = memory.data((1 << 18) + (1 << 9) + 16, 16);
/** The end of each row's string in `encoded`, or −1 − end for null; 32-bit numbers. */
export const encodedEnds: usize = memory.data(1 << 9, 16);

/**
 * Encodes strings from a row on, until one is empty, has escapes or does not pass.
 * @param width the number of fields
 * @returns its row, or `rows`
 */
export function encodePlain(width: i32, field: i32, from: i32, rows: i32): i32 {
  let cell = (from * width + field) << 2;
  let end = encodedEnds;
  let at = encoded;
  for (let row = from; row < rows; row += 1, cell += width << 2, end += 4) {
    const start = load<i32>(starts + (cell as usize));
    if (start < 0) {
      store<i32>(end, -1 - ((at - encoded) as i32));
      continue;
    }
    const length = load<i32>(ends + (cell as usize)) - start;
    // A string with escapes has a negative end, hence a negative length.
    if (length <= 0 || load<u8>(passes + (load<u8>(start as usize) as usize)) !== 1) {
      return row;
    }
    store<i32>(at, length);
    at += 4;
    for (let i = 0; i < length; i += 16) {
      v128.store(at + (i as usize), v128.load((start as usize) + (i as usize)));
    }
    at += length as usize;
    store<i32>(end, (at - encoded) as i32);
  }
  return rows;
}
