/**
 * Tables on their way from one thread to another: typed arrays change hands without being copied, and of a dictionary that
 * goes on from table to table only the new texts are sent.
 */
import type { Schema } from '../plan/types.ts';
import { ArrayColumn, type Column, NumberColumn, StringColumn } from './column.ts';
import { StringDictionary } from './string_dictionary.ts';
import { type ColumnarTable, columnAt } from './table.ts';

/** Texts of a dictionary from a code on: their UTF-8 one after the other, and where each ends. */
interface NewTexts {
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

type PackedColumn =
  | { readonly kind: 'numbers'; readonly type: NumberColumn['type']; readonly values: Float64Array }
  | { readonly kind: 'texts'; readonly codes: Int32Array; readonly texts: NewTexts }
  | {
      readonly kind: 'arrays';
      readonly elements: Float64Array;
      readonly ends: Int32Array;
      readonly begin: number;
    };

/** A table as a message can hold it. */
export interface PackedTable {
  /** Of one name, the text columns of one table after the other may have one dictionary. */
  readonly name: string;
  readonly schema: Schema;
  readonly columns: Readonly<Record<string, PackedColumn>>;
  readonly length: number;
}

/** Packs tables, one after the other. */
export class TablePacker {
  /** By table's and column's name, the dictionary whose texts were sent, and how many. */
  private readonly sent = new Map<string, { readonly dictionary: StringDictionary; readonly size: number }>();

  /** Packs a table, which must not be used any more once the message is sent with `buffersOf` it. */
  pack(name: string, table: ColumnarTable): PackedTable {
    const columns = Object.keys(table.schema).map((column) => [
      column,
      this.packColumn(JSON.stringify([name, column]), columnAt(table, column)),
    ]);
    return { name, schema: table.schema, columns: Object.fromEntries(columns), length: table.length };
  }

  private packColumn(key: string, column: Column): PackedColumn {
    if (column instanceof StringColumn) {
      const { dictionary, codes } = column;
      const before = this.sent.get(key);
      const from = before?.dictionary === dictionary ? before.size : 0;
      this.sent.set(key, { dictionary, size: dictionary.size });
      return { kind: 'texts', codes, texts: textsFrom(dictionary, from) };
    }
    if (column instanceof ArrayColumn) {
      const { elements, ends, begin } = column.stored;
      return { kind: 'arrays', elements, ends: ends.subarray(0, column.length), begin };
    }
    return { kind: 'numbers', type: column.type, values: column.values };
  }
}

function textsFrom(dictionary: StringDictionary, from: number): NewTexts {
  const { bytes, ends } = dictionary.stored;
  const start = from === 0 ? 0 : (ends[from - 1] ?? 0);
  const end = dictionary.size === 0 ? 0 : (ends[dictionary.size - 1] ?? 0);
  return {
    from,
    bytes: Uint8Array.from(bytes.subarray(start, end)),
    ends: Uint32Array.from(ends.subarray(from, dictionary.size), (each) => each - start),
  };
}

/** Unpacks the tables of one packer, in their order. To their dictionaries nobody may add. */
export class TableUnpacker {
  private readonly dictionaries = new Map<string, StringDictionary>();

  unpack({ name, schema, columns, length }: PackedTable): ColumnarTable {
    const unpacked = Object.entries(columns).map(([column, packed]) => [
      column,
      this.unpackColumn(JSON.stringify([name, column]), packed),
    ]);
    return { schema, columns: Object.fromEntries(unpacked), length };
  }

  private unpackColumn(key: string, column: PackedColumn): Column {
    switch (column.kind) {
      case 'numbers':
        return new NumberColumn(column.type, column.values);
      case 'texts':
        return new StringColumn(this.dictionaryWith(key, column.texts), column.codes);
      case 'arrays':
        return new ArrayColumn(column.elements, column.ends, column.begin);
      default:
        return column satisfies never;
    }
  }

  private dictionaryWith(key: string, { from, bytes, ends }: NewTexts): StringDictionary {
    const known = from === 0 ? undefined : this.dictionaries.get(key);
    const dictionary = known ?? new StringDictionary();
    if (dictionary.size !== from) {
      throw new RangeError(
        `${key} has ${dictionary.size} texts here and ${from} where it came from: it was added to.`,
      );
    }
    this.dictionaries.set(key, dictionary);
    dictionary.addDifferent(bytes, ends);
    return dictionary;
  }
}

/** The memory of a packed table, for the list of what is transferred with a message. */
export function buffersOf({ columns }: PackedTable): ArrayBuffer[] {
  const arrays = Object.values(columns).flatMap((column): ArrayBufferView[] => {
    switch (column.kind) {
      case 'numbers':
        return [column.values];
      case 'texts':
        return [column.codes, column.texts.bytes, column.texts.ends];
      case 'arrays':
        return [column.elements, column.ends];
      default:
        return column satisfies never;
    }
  });
  return [...new Set(arrays.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer);
}
