/**
 * The codes of a field's strings in a dictionary: most are found in a cache in WebAssembly's memory (wasm/string_cache.ts), the
 * others in the dictionary, after which the cache holds them too. docs/architecture/strings.md draws the way of a string.
 */
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { StringDictionary } from '../columns/string_dictionary.ts';
import { type FieldSource, type UseString, withString } from './field_sources.ts';
import type { LineFields } from './line_fields.ts';
import type { ScanMemory } from './scan_memory.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Strings that are looked up in the cache before it is judged. */
const trialStrings = 1 << 14;

/** Finds the codes of a field's strings in one dictionary. */
export class StringCodes {
  private memory: ScanMemory | undefined;
  private lookups = 0;
  private misses = 0;

  constructor(private readonly source: FieldSource) {}

  /** Writes the code of each row, −1 for null, into `codes` from `at` on. The dictionary stays the same until `forget`. */
  write(fields: LineFields, dictionary: StringDictionary, codes: Int32Array, at: number): void {
    const { memory, width, length } = fields;
    const { source } = this;
    const intern: UseString<number> = (bytes, from, end) => dictionary.internBytes(bytes, from, end);
    if (!fields.areForLoops || !this.isWorthwhile()) {
      for (let row = 0; row < length; row += 1) {
        codes[at + row] = withString(fields, row, source, -1, intern);
      }
      return;
    }
    const table = tableOf(this, memory);
    this.memory = memory;
    const misses = memory.lookUpCodes(table, width, source.field, length);
    codes.set(memory.codes.subarray(0, length), at);
    this.lookups += length;
    this.misses += misses;
    for (const row of memory.missingRows.subarray(0, misses)) {
      const code = withString(fields, row, source, -1, intern);
      codes[at + row] = code;
      this.remember(fields, row, table, code);
    }
  }

  /** Ends the use of a dictionary: the next codes are of another. */
  forget(): void {
    if (this.memory !== undefined) {
      releaseTable(this, this.memory);
    }
    this.lookups = 0;
    this.misses = 0;
  }

  /** Tells whether the cache has most of the strings. */
  private isWorthwhile(): boolean {
    return this.lookups < trialStrings || this.misses * 2 < this.lookups;
  }

  /** Adds a string without escapes to the cache. */
  private remember(fields: LineFields, row: number, table: number, code: number): void {
    const cell = row * fields.width + this.source.field;
    const start = fields.starts[cell] ?? -1;
    const end = fields.ends[cell] ?? -1;
    if (start >= 0 && end >= 0) {
      fields.memory.remember(table, start, end - start, code);
    }
  }
}

/** Finds the codes of a field's strings in a dictionary of its own. */
export class OwnStringCodes {
  readonly dictionary = new StringDictionary();
  private readonly strings: StringCodes;
  private codes = new Int32Array(0);

  constructor(source: FieldSource) {
    this.strings = new StringCodes(source);
  }

  /** The codes of the rows, −1 for null; a view that is valid until the next call, and may be longer. */
  of(fields: LineFields): Int32Array {
    this.codes = ensureCapacity(this.codes, fields.length);
    this.strings.write(fields, this.dictionary, this.codes, 0);
    return this.codes;
  }
}

let uses = 0;

/** The address of the owner's table with all that it remembers, or of an emptied one that is now the owner's. */
function tableOf(owner: object, { tables, clearTable }: ScanMemory): number {
  uses += 1;
  let table = tables.find((each) => each.owner === owner);
  if (table === undefined) {
    table = tables.reduce((oldest, each) => (each.lastUse < oldest.lastUse ? each : oldest));
    table.owner = owner;
    clearTable(table.address);
  }
  table.lastUse = uses;
  return table.address;
}

/** Lets the owner's table be reassigned. */
function releaseTable(owner: object, { tables }: ScanMemory): void {
  const table = tables.find((each) => each.owner === owner);
  if (table !== undefined) {
    table.owner = undefined;
    table.lastUse = 0;
  }
}
