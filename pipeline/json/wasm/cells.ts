/**
 * The memory of the loops over lines: the lines, and a cell for each field of each row. A line end and fifteen more readable
 * bytes must follow the last byte of the lines.
 */

/** Bytes of lines that are scanned at once: few enough to be in the processor's cache when columns are made of them. */
export const windowBytes: i32 = 1 << 18;
/** The cell of a field in a row is `row * width + field`. */
export const mostCells: i32 = 1 << 13;
export const mostRows: i32 = 1 << 7;
export const planBytes: i32 = 1 << 17;

/** The lines, with room after them. */
export const window: usize = memory.data((1 << 18) + 32, 16);
/** The expected fields, one after the other. */
export const plan: usize = memory.data(1 << 17, 16);
/** The start of a cell's string, −1 for null; 32-bit numbers. */
export const starts: usize = memory.data(1 << 15, 16);
/** Its end, or −1 − end when it has escapes; 32-bit numbers. */
export const ends: usize = memory.data(1 << 15, 16);
/** The value of a number field, NaN for null; 64-bit floats. */
export const numbers: usize = memory.data(1 << 16, 16);
/** The start of each row's line; 32-bit numbers. */
export const lineStarts: usize = memory.data(1 << 9, 16);
