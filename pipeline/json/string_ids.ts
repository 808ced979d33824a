/** The codes of a field's texts in a dictionary: most are found by the loop in wasm/known_texts.ts, the others in the dictionary. */
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { StringDictionary } from '../columns/string_dictionary.ts';
import { type FieldSource, ofText, type TakeText } from './field_sources.ts';
import type { LineFields } from './line_scanner.ts';
import type { ScanMemory } from './scan_memory.ts';

/** Texts that are looked up before it is clear whether most are known. */
const trialTexts = 1 << 14;

export class StringIds {
  private memory: ScanMemory | undefined;
  private lookedUp = 0;
  private missing = 0;

  constructor(private readonly form: FieldSource) {}

  /** Writes the code of each row, −1 for null, from one place on. The dictionary is always the same between calls of `forget`. */
  write(fields: LineFields, dictionary: StringDictionary, to: Int32Array, at: number): void {
    const { memory, width, length } = fields;
    const { form } = this;
    const codeOf: TakeText<number> = (bytes, from, end) => dictionary.internBytes(bytes, from, end);
    if (!fields.areForLoops || !this.pays()) {
      for (let row = 0; row < length; row += 1) to[at + row] = ofText(fields, row, form, -1, codeOf);
      return;
    }
    const table = memory.tables.of(this);
    this.memory = memory;
    const missing = memory.codesOf(table, width, form.field, length);
    to.set(memory.codes.subarray(0, length), at);
    this.lookedUp += length;
    this.missing += missing;
    for (let i = 0; i < missing; i += 1) {
      const row = memory.unknown[i] ?? 0;
      const code = ofText(fields, row, form, -1, codeOf);
      to[at + row] = code;
      this.remember(fields, row, table, code);
    }
  }

  /** The next codes are of another dictionary. */
  forget(): void {
    this.memory?.tables.release(this);
    this.lookedUp = 0;
    this.missing = 0;
  }

  /** Whether looking texts up finds most of them. */
  private pays(): boolean {
    return this.lookedUp < trialTexts || this.missing * 2 < this.lookedUp;
  }

  /** Remembers a text that has no escapes. */
  private remember(
    { starts, ends, width, memory }: LineFields,
    row: number,
    table: number,
    code: number,
  ): void {
    const cell = row * width + this.form.field;
    const start = starts[cell] ?? 0;
    const end = ends[cell] ?? -1;
    if (start >= 0 && end >= 0) memory.remember(table, start, end - start, code);
  }
}

/** The codes of a field's texts in a dictionary of their own. */
export class JoinedStringIds {
  readonly dictionary = new StringDictionary();
  private readonly texts: StringIds;
  private codes = new Int32Array(0);

  constructor(form: FieldSource) {
    this.texts = new StringIds(form);
  }

  /** The codes of the rows, −1 for null, and perhaps more; a view that holds until the next call. */
  of(fields: LineFields): Int32Array {
    this.codes = ensureCapacity(this.codes, fields.length);
    this.texts.write(fields, this.dictionary, this.codes, 0);
    return this.codes;
  }
}
