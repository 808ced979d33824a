/** Tables on their way from one thread to another: typed arrays change hands without being copied. */
import type { Schema } from '../plan/types.ts';
import { ArrayColumn, type Column, NumberColumn, TextColumn } from './column.ts';
import { type ColumnarTable, columnAt } from './columnar_table.ts';
import { type PackedDictionary, TextDictionary } from './text_dictionary.ts';

type PackedColumn =
  | { readonly kind: 'numbers'; readonly type: NumberColumn['type']; readonly values: Float64Array }
  | { readonly kind: 'texts'; readonly codes: Int32Array; readonly dictionary: PackedDictionary }
  | { readonly kind: 'arrays'; readonly elements: Float64Array; readonly ends: Int32Array };

/** A table as a message can hold it. */
export interface PackedTable {
  readonly schema: Schema;
  readonly columns: Readonly<Record<string, PackedColumn>>;
  readonly length: number;
}

/** Packs a table, which must not be used any more once the message is sent with `buffersOf` it. */
export function packTable(table: ColumnarTable): PackedTable {
  const columns = Object.keys(table.schema).map((name) => [name, packColumn(columnAt(table, name))]);
  return { schema: table.schema, columns: Object.fromEntries(columns), length: table.length };
}

function packColumn(column: Column): PackedColumn {
  if (column instanceof TextColumn) {
    return { kind: 'texts', codes: column.codes, dictionary: column.dictionary.pack() };
  }
  if (column instanceof ArrayColumn) {
    return { kind: 'arrays', ...column.packed };
  }
  return { kind: 'numbers', type: column.type, values: column.values };
}

export function unpackTable({ schema, columns, length }: PackedTable): ColumnarTable {
  const unpacked = Object.entries(columns).map(([name, column]) => [name, unpackColumn(column)]);
  return { schema, columns: Object.fromEntries(unpacked), length };
}

function unpackColumn(column: PackedColumn): Column {
  switch (column.kind) {
    case 'numbers':
      return new NumberColumn(column.type, column.values);
    case 'texts':
      return new TextColumn(TextDictionary.unpack(column.dictionary), column.codes);
    case 'arrays':
      return new ArrayColumn(column.elements, column.ends);
    default:
      return column satisfies never;
  }
}

/** The memory of a packed table, for the list of what is transferred with a message. */
export function buffersOf({ columns }: PackedTable): ArrayBuffer[] {
  const arrays = Object.values(columns).flatMap((column): ArrayBufferView[] => {
    switch (column.kind) {
      case 'numbers':
        return [column.values];
      case 'texts':
        return [column.codes, column.dictionary.bytes, column.dictionary.ends, column.dictionary.slots];
      case 'arrays':
        return [column.elements, column.ends];
      default:
        return column satisfies never;
    }
  });
  return [...new Set(arrays.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer);
}
