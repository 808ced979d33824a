/** Columns of texts, gathered from lines. */
import { StringColumn } from '../columns/column.ts';
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { StringDictionary } from '../columns/string_dictionary.ts';
import { PlainByteArrays, type StoredColumn, viewOf } from '../parquet/plain_byte_arrays.ts';
import { aboutAsMany, type ColumnDecoder } from './column_decoder.ts';
import { type FieldSource, ofText, type TakeText } from './field_sources.ts';
import type { LineFields } from './line_scanner.ts';
import { JoinedStringIds, StringIds } from './string_ids.ts';

/** Texts, one a row, by their codes. */
abstract class StringsDecoder implements ColumnDecoder {
  protected codes = new Int32Array(0);
  protected length = 0;
  protected dictionary: StringDictionary;

  constructor(private readonly given: StringDictionary | undefined) {
    this.dictionary = given ?? new StringDictionary();
  }

  /** The number of rows. */
  get rows(): number {
    return this.length;
  }

  /** The number of different texts. */
  get different(): number {
    return this.dictionary.size;
  }

  abstract add(fields: LineFields): void;

  take(): StringColumn {
    const column = new StringColumn(this.dictionary, this.codes.subarray(0, this.length));
    this.codes = new Int32Array(aboutAsMany(this.length));
    this.length = 0;
    if (this.given === undefined) {
      this.dictionary = new StringDictionary();
      this.forget();
    }
    return column;
  }

  /** Codes that are known are those of the dictionary before. */
  protected abstract forget(): void;
}

/** A text field or its end piece, or null. */
export class StringDecoder extends StringsDecoder {
  private readonly texts: StringIds;

  constructor(form: FieldSource, dictionary: StringDictionary | undefined) {
    super(dictionary);
    this.texts = new StringIds(form);
  }

  override add(fields: LineFields): void {
    this.codes = ensureCapacity(this.codes, this.length + fields.length);
    this.texts.write(fields, this.dictionary, this.codes, this.length);
    this.length += fields.length;
  }

  protected override forget(): void {
    this.texts.forget();
  }
}

/** Rows after which it is clear whether texts come again. */
const trialRows = 4096;

/**
 * A text field or its end piece, or null, that is only written. Texts that come again are known by their codes, which is short
 * in a file; where more than half of the first ones do not, looking for equals would cost more than all the rest, then and later.
 */
export class PlainStringDecoder implements ColumnDecoder<StoredColumn> {
  private readonly coded: StringDecoder;
  private plain: PlainByteArrays | undefined;

  constructor(private readonly form: FieldSource) {
    this.coded = new StringDecoder(form, undefined);
  }

  add(fields: LineFields): void {
    if (this.plain !== undefined) {
      addPlain(this.plain, this.form, fields);
      return;
    }
    this.coded.add(fields);
    if (this.coded.rows >= trialRows && this.coded.different > this.coded.rows / 2)
      this.plain = PlainByteArrays.of(this.coded.take());
  }

  take(): StoredColumn {
    const { plain } = this;
    if (plain === undefined) return this.coded.take();
    this.plain = PlainByteArrays.empty();
    return plain;
  }
}

/** Most texts are laid out by the loop in wasm/laid_texts.ts; one that it stops at is added here. */
function addPlain(texts: PlainByteArrays, form: FieldSource, fields: LineFields): void {
  const { memory, width, length } = fields;
  const hasLoop = fields.areForLoops;
  const add: TakeText<boolean> = (bytes, from, end) => {
    texts.add(viewOf(bytes), from, end);
    return true;
  };
  if (hasLoop) memory.passes.set(form.passes);
  for (let row = 0; row < length; row += 1) {
    if (hasLoop) {
      const stopped = memory.layOut(width, form.field, row, length);
      texts.addLaid(memory.laid, memory.laidEnds.subarray(0, stopped - row));
      row = stopped;
    }
    if (row < length && !ofText(fields, row, form, false, add)) texts.addNull();
  }
}

/** Codes below have a place for each pair of them. */
const mostOfPart = 1 << 8;

/** `join_words` of two texts: of few different ones, as names are, a pair of codes tells the code of both. */
export class JoinedStringDecoder extends StringsDecoder {
  private joined = new Uint8Array(256);
  private joinedLength = 0;
  private readonly parts: readonly [JoinedStringIds, JoinedStringIds];
  /** By pair of codes, null's being 0: the code of both + 2, or 0 where they were not joined yet. */
  private readonly known = new Int32Array(mostOfPart * mostOfPart);

  constructor(
    private readonly first: FieldSource,
    private readonly second: FieldSource,
    dictionary: StringDictionary | undefined,
  ) {
    super(dictionary);
    this.parts = [new JoinedStringIds(first), new JoinedStringIds(second)];
  }

  override add(fields: LineFields): void {
    this.codes = ensureCapacity(this.codes, this.length + fields.length);
    const { codes, dictionary, known } = this;
    const [firsts, seconds] = this.parts;
    const areFew = firsts.dictionary.size < mostOfPart && seconds.dictionary.size < mostOfPart;
    const first = areFew ? firsts.of(fields) : none;
    const second = areFew ? seconds.of(fields) : none;
    for (let row = 0, to = this.length; row < fields.length; row += 1, to += 1) {
      const a = (first[row] ?? mostOfPart) + 1;
      const b = (second[row] ?? mostOfPart) + 1;
      const place = a < mostOfPart && b < mostOfPart ? a * mostOfPart + b : -1;
      let code = place < 0 ? 0 : (known[place] ?? 0);
      if (code === 0) {
        code = this.codeAt(fields, row, dictionary) + 2;
        if (place >= 0) known[place] = code;
      }
      codes[to] = code - 2;
    }
    this.length += fields.length;
  }

  protected override forget(): void {
    this.known.fill(0);
  }

  private codeAt(fields: LineFields, row: number, dictionary: StringDictionary): number {
    this.joinedLength = -1;
    ofText(fields, row, this.first, undefined, this.append);
    ofText(fields, row, this.second, undefined, this.append);
    return this.joinedLength < 0 ? -1 : dictionary.internBytes(this.joined, 0, this.joinedLength);
  }

  /** Adds a word, behind a space when there is one before. */
  private readonly append: TakeText<void> = (bytes, from, end) => {
    let to = this.joinedLength;
    this.joined = ensureCapacity(this.joined, to + 1 + end - from);
    const { joined } = this;
    if (to >= 0) joined[to] = 0x20;
    to += 1;
    for (let at = from; at < end; at += 1, to += 1) joined[to] = bytes[at] ?? 0;
    this.joinedLength = to;
  };
}

const none = new Int32Array(0);
