/** Leaves out the rows and lines of posts that were erased, on their way into the lake. */
import { at } from '../columns/at.ts';
import { type ColumnarTable, columnAt } from '../columns/table.ts';

/** By key, the last time at which nothing counts that is posted with it (`Erasures.until`), as a message to a thread can hold it. */
export type ErasedUntil = ReadonlyMap<number, number>;

export const nothingErased: ErasedUntil = new Map();

/** @param postedAt the time of the landing file's last change, in milliseconds since 1970 */
export function isErased(until: ErasedUntil, key: number, postedAt: number): boolean {
  return postedAt <= (until.get(key) ?? Number.NEGATIVE_INFINITY);
}

/** The numbers of the rows that were erased, ascending. @param parts the files that the rows come from, in order */
export function erasedRows(
  rows: ColumnarTable,
  keyColumn: string,
  parts: readonly { readonly rows: number; readonly modified: number }[],
  until: ErasedUntil,
): Int32Array {
  const erased: number[] = [];
  const keys = columnAt(rows, keyColumn);
  let row = 0;
  for (const part of until.size === 0 ? [] : parts) {
    for (const end = row + part.rows; row < end; row += 1) {
      if (isErased(until, Number(keys.at(row)), part.modified)) {
        erased.push(row);
      }
    }
  }
  return Int32Array.from(erased);
}

/** The numbers of each part's rows without the erased ones. */
export function rowsLeft(parts: readonly { readonly rows: number }[], erased: Int32Array): number[] {
  let first = 0;
  let next = 0;
  return parts.map(({ rows }) => {
    const before = next;
    for (first += rows; next < erased.length && at(erased, next) < first; ) {
      next += 1;
    }
    return rows - (next - before);
  });
}
