/** Keys of several columns as small whole numbers, as in coders.ts. */
import { ArrayColumn, type Column, TextColumn } from '../table/column.ts';
import { type Coder, NumberCoder, TextCoder } from './coders.ts';
import { NumberPairCoder, TextPairCoder } from './pair_coders.ts';

/** Codes of the rows of several columns, whose types stay the same. @throws RangeError when there is no column */
export class KeyCoder implements Coder<readonly Column[]> {
  private first: Coder<Column> | undefined;
  /** With each further column, what came before it and its values make the next codes. */
  private readonly further: Coder<readonly [Int32Array, Column]>[] = [];

  get size(): number {
    return this.further.at(-1)?.size ?? this.first?.size ?? 0;
  }

  codes(rows: readonly Column[]): Int32Array {
    const [first, ...rest] = rows;
    if (first === undefined) {
      throw new RangeError('A key needs at least one column.');
    }
    this.first ??= first instanceof TextColumn ? new TextCoder() : new NumberCoder();
    return this.codesWith(this.first.codes(first), rest);
  }

  /** Codes of rows of codes (here and each time) and of columns. */
  codesWith(given: Int32Array, rows: readonly Column[]): Int32Array {
    let codes = given;
    for (const [i, column] of rows.entries()) {
      let coder = this.further[i];
      if (coder === undefined) {
        coder = column instanceof TextColumn ? new TextPairCoder() : new NumberPairCoder();
        this.further.push(coder);
      }
      codes = coder.codes([codes, column]);
    }
    return codes;
  }
}

/** Marks the codes of rows in which a column is null with −1: a null equals nothing. */
export function withoutNulls(codes: Int32Array, columns: readonly Column[]): Int32Array {
  for (const column of columns) {
    if (column instanceof TextColumn) {
      const texts = column.codes;
      for (let row = 0; row < codes.length; row += 1) {
        if ((texts[row] ?? -1) < 0) codes[row] = -1;
      }
    } else if (column instanceof ArrayColumn) {
      throw new TypeError('Arrays have no order, so they are no keys.');
    } else {
      const { values } = column;
      for (let row = 0; row < codes.length; row += 1) {
        if (Number.isNaN(values[row])) codes[row] = -1;
      }
    }
  }
  return codes;
}
