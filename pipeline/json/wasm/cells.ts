/**
 * The memory of the loops over lines: the lines, and a cell for each field of each row. Behind the last byte of the lines there
 * must be a line end and fifteen bytes more that may be read.
 */

/** Bytes of lines that are scanned at once: what is made of them finds them near the processor. */
export const windowBytes: i32 = 1 << 18;
/** Cells are fields of rows: of a field in a row it is `row * width + field`. */
export const mostCells: i32 = 1 << 13;
export const mostRows: i32 = 1 << 7;
export const planBytes: i32 = 1 << 17;

/** Where the lines are put, with room behind them. */
export const window: usize = memory.data((1 << 18) + 32, 16);
/** The fields, one after the other. */
export const plan: usize = memory.data(1 << 17, 16);
/** Where the text in a cell begins, −1 for null; a 32-bit number. */
export const starts: usize = memory.data(1 << 15, 16);
/** Where it ends, or −1 − end when it has escapes; a 32-bit number. */
export const ends: usize = memory.data(1 << 15, 16);
/** The value of a number field, NaN for null; a 64-bit float. */
export const numbers: usize = memory.data(1 << 16, 16);
/** Where each row's line begins; a 32-bit number. */
export const lineStarts: usize = memory.data(1 << 9, 16);
