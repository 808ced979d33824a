/**
 * Decodes columns of strings from lines.
 *
 * Rows are below the block's length, and `append` copies bytes of a string, so the `??` of indexed reads only satisfies the type.
 */
import { StringColumn } from '../columns/column.ts';
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import { PlainByteArrays, type StoredColumn, viewOf } from '../columns/plain_byte_arrays.ts';
import { StringDictionary } from '../columns/string_dictionary.ts';
import { type ColumnDecoder, nextCapacity } from './column_decoder.ts';
import { type FieldSource, type UseString, withString } from './field_sources.ts';
import type { LineFields } from './line_fields.ts';
import { OwnStringCodes, StringCodes } from './string_cache.ts';

/** Strings as codes of a dictionary. */
abstract class CodesDecoder implements ColumnDecoder {
  protected codes = new Int32Array(0);
  protected length = 0;
  protected dictionary: StringDictionary;

  constructor(private readonly shared: StringDictionary | undefined) {
    this.dictionary = shared ?? new StringDictionary();
  }

  /** The number of rows. */
  get rows(): number {
    return this.length;
  }

  /** The number of distinct strings. */
  get distinct(): number {
    return this.dictionary.size;
  }

  abstract add(fields: LineFields): void;

  take(): StringColumn {
    const column = new StringColumn(this.dictionary, this.codes.subarray(0, this.length));
    this.codes = new Int32Array(nextCapacity(this.length));
    this.length = 0;
    if (this.shared === undefined) {
      this.dictionary = new StringDictionary();
      this.forget();
    }
    return column;
  }

  /** Forgets cached codes, which are of the previous dictionary. */
  protected abstract forget(): void;
}

/** A string field or a suffix of it. */
export class StringDecoder extends CodesDecoder {
  private readonly strings: StringCodes;

  constructor(source: FieldSource, dictionary: StringDictionary | undefined) {
    super(dictionary);
    this.strings = new StringCodes(source);
  }

  override add(fields: LineFields): void {
    this.codes = ensureCapacity(this.codes, this.length + fields.length);
    this.strings.write(fields, this.dictionary, this.codes, this.length);
    this.length += fields.length;
  }

  protected override forget(): void {
    this.strings.forget();
  }
}

/** Rows after which a column is judged by its distinct strings. */
const trialRows = 4096;

/**
 * A string field or a suffix of it that is only written. Strings that repeat are kept as codes, which is short in a file. Where
 * more than half of the first rows are distinct, looking each string up would cost more than all the rest, now and in the writer.
 */
export class PlainStringDecoder implements ColumnDecoder<StoredColumn> {
  private readonly coded: StringDecoder;
  private plain: PlainByteArrays | undefined;

  constructor(private readonly source: FieldSource) {
    this.coded = new StringDecoder(source, undefined);
  }

  add(fields: LineFields): void {
    if (this.plain !== undefined) {
      addPlain(this.plain, this.source, fields);
      return;
    }
    this.coded.add(fields);
    if (this.coded.rows >= trialRows && this.coded.distinct > this.coded.rows / 2) {
      this.plain = PlainByteArrays.of(this.coded.take());
    }
  }

  take(): StoredColumn {
    const { plain } = this;
    if (plain === undefined) {
      return this.coded.take();
    }
    this.plain = PlainByteArrays.empty();
    return plain;
  }
}

/** Adds strings: the loop in wasm/plain_byte_arrays.ts encodes most; one that it stops at is added here. */
function addPlain(column: PlainByteArrays, source: FieldSource, fields: LineFields): void {
  const { memory, width, length } = fields;
  const hasLoop = fields.areForLoops;
  const add: UseString<boolean> = (bytes, from, end) => {
    column.add(viewOf(bytes), from, end);
    return true;
  };
  if (hasLoop) {
    memory.passes.set(source.passes);
  }
  for (let row = 0; row < length; row += 1) {
    if (hasLoop) {
      const stopped = memory.encodePlain(width, source.field, row, length);
      column.addEncoded(memory.encoded, memory.encodedEnds.subarray(0, stopped - row));
      row = stopped;
    }
    if (row < length && !withString(fields, row, source, false, add)) {
      column.addNull();
    }
  }
}

/** Codes below this are joined through a table of pairs. */
const mostCodes = 1 << 8;

/** `joinWords` (`pipeline/datasets/`) of two strings: where each field has few distinct ones, as names do, a table has the code of each pair. */
export class JoinedStringDecoder extends CodesDecoder {
  private joined = new Uint8Array(256);
  private joinedLength = 0;
  private readonly parts: readonly [OwnStringCodes, OwnStringCodes];
  /** By pair of codes + 1 (0 is null): the code of the joined string + 2, or 0 when it was not joined yet. */
  private readonly codeOfPair = new Int32Array(mostCodes * mostCodes);

  constructor(
    private readonly first: FieldSource,
    private readonly second: FieldSource,
    dictionary: StringDictionary | undefined,
  ) {
    super(dictionary);
    this.parts = [new OwnStringCodes(first), new OwnStringCodes(second)];
  }

  override add(fields: LineFields): void {
    this.codes = ensureCapacity(this.codes, this.length + fields.length);
    const { codes, dictionary, codeOfPair } = this;
    const [firsts, seconds] = this.parts;
    const areFew = firsts.dictionary.size < mostCodes && seconds.dictionary.size < mostCodes;
    const first = areFew ? firsts.of(fields) : none;
    const second = areFew ? seconds.of(fields) : none;
    for (let row = 0, to = this.length; row < fields.length; row += 1, to += 1) {
      const a = (first[row] ?? mostCodes) + 1;
      const b = (second[row] ?? mostCodes) + 1;
      const pair = a < mostCodes && b < mostCodes ? a * mostCodes + b : -1;
      let code = pair < 0 ? 0 : (codeOfPair[pair] ?? 0);
      if (code === 0) {
        code = this.codeAt(fields, row, dictionary) + 2;
        if (pair >= 0) {
          codeOfPair[pair] = code;
        }
      }
      codes[to] = code - 2;
    }
    this.length += fields.length;
  }

  protected override forget(): void {
    this.codeOfPair.fill(0);
  }

  private codeAt(fields: LineFields, row: number, dictionary: StringDictionary): number {
    this.joinedLength = -1;
    withString(fields, row, this.first, undefined, this.append);
    withString(fields, row, this.second, undefined, this.append);
    return this.joinedLength < 0 ? -1 : dictionary.internBytes(this.joined, 0, this.joinedLength);
  }

  /** Appends a word, after a space unless it is the first. */
  private readonly append: UseString<void> = (bytes, from, end) => {
    let to = this.joinedLength;
    this.joined = ensureCapacity(this.joined, to + 1 + end - from);
    const { joined } = this;
    if (to >= 0) {
      joined[to] = 0x20;
    }
    to += 1;
    for (let at = from; at < end; at += 1, to += 1) {
      joined[to] = bytes[at] ?? 0;
    }
    this.joinedLength = to;
  };
}

const none = new Int32Array(0);
