/**
 * Tables as messages between threads: typed arrays are transferred without being copied, and of a dictionary that several
 * tables share only the new strings are sent.
 */
import type { Schema } from '../plan/types.ts';
import { at } from './at.ts';
import { ArrayColumn, type Column, NumberColumn, StringColumn } from './column.ts';
import { StringDictionary } from './string_dictionary.ts';
import { type ColumnarTable, columnAt } from './table.ts';

/** Strings of a dictionary from a code on: their UTF-8 one after the other, and where each ends. */
interface NewStrings {
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

type PackedColumn =
  | { readonly kind: 'numbers'; readonly type: NumberColumn['type']; readonly values: Float64Array }
  | { readonly kind: 'strings'; readonly codes: Int32Array; readonly strings: NewStrings }
  | {
      readonly kind: 'arrays';
      readonly elements: Float64Array;
      readonly ends: Int32Array;
      readonly begin: number;
    };

/** A table as a message can hold it. */
export interface PackedTable {
  /** Successive tables of one name may share the dictionaries of their string columns. */
  readonly name: string;
  readonly schema: Schema;
  readonly columns: Readonly<Record<string, PackedColumn>>;
  readonly length: number;
}

/** Packs successive tables. */
export class TablePacker {
  /** By table's and column's name: the dictionary whose strings were sent, and their number. */
  private readonly sent = new Map<string, { readonly dictionary: StringDictionary; readonly size: number }>();

  /** Packs a table, which must not be used once the message is sent with its `buffersOf` transferred. */
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
      return { kind: 'strings', codes, strings: stringsFrom(dictionary, from) };
    }
    if (column instanceof ArrayColumn) {
      if (column.dictionary !== undefined) {
        throw new TypeError('No dataset has arrays of text, so they are never packed.');
      }
      const { elements, ends, begin } = column.stored;
      return { kind: 'arrays', elements, ends: ends.subarray(0, column.length), begin };
    }
    return { kind: 'numbers', type: column.type, values: column.values };
  }
}

function stringsFrom(dictionary: StringDictionary, from: number): NewStrings {
  const { bytes, ends } = dictionary.stored;
  const endBefore = (code: number) => (code === 0 ? 0 : at(ends, code - 1));
  const start = endBefore(from);
  const end = endBefore(dictionary.size);
  return {
    from,
    bytes: Uint8Array.from(bytes.subarray(start, end)),
    ends: Uint32Array.from(ends.subarray(from, dictionary.size), (each) => each - start),
  };
}

/** Unpacks the tables of one packer, in their order. Nothing may be added to their dictionaries. */
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
      case 'strings':
        return new StringColumn(this.dictionaryWith(key, column.strings), column.codes);
      case 'arrays':
        return new ArrayColumn(column.elements, column.ends, column.begin);
      default:
        return column satisfies never;
    }
  }

  private dictionaryWith(key: string, { from, bytes, ends }: NewStrings): StringDictionary {
    const existing = from === 0 ? undefined : this.dictionaries.get(key);
    const dictionary = existing ?? new StringDictionary();
    if (dictionary.size !== from) {
      throw new RangeError(
        `${key} has ${dictionary.size} strings here and ${from} where it came from: it was added to.`,
      );
    }
    this.dictionaries.set(key, dictionary);
    dictionary.addDifferent(bytes, ends);
    return dictionary;
  }
}

/** The memory of a packed table, for a message's list of transferred objects. */
export function buffersOf({ columns }: PackedTable): ArrayBuffer[] {
  const arrays = Object.values(columns).flatMap((column): ArrayBufferView[] => {
    switch (column.kind) {
      case 'numbers':
        return [column.values];
      case 'strings':
        return [column.codes, column.strings.bytes, column.strings.ends];
      case 'arrays':
        return [column.elements, column.ends];
      default:
        return column satisfies never;
    }
  });
  return [...new Set(arrays.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer);
}
