/** Cleaned columns, gathered straight from the bytes of lines: one class for each way a column comes out of its raw fields. */
import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import type { ColumnType } from '../plan/types.ts';
import { ArrayColumn, type Column, NumberColumn, TextColumn } from '../table/column.ts';
import { columnsOf } from '../table/evaluate.ts';
import { grown, TextDictionary } from '../table/text_dictionary.ts';
import { type BytesForm, bytesForm } from './bytes_forms.ts';
import type { LineFields } from './line_scanner.ts';
import { PlainTexts, type StoredColumn } from './plain_texts.ts';

/** A column that grows by the rows of a block at a time. */
export interface CleanedColumn<Taken extends StoredColumn = Column> {
  /** Adds the block's rows. */
  add(fields: LineFields): void;
  /** What was added since the last `take`. */
  take(): Taken;
}

/**
 * A column for an expression over raw fields.
 * @param dictionary for its texts; a new one at each `take` when there is none
 * @returns undefined when the expression has to be evaluated row by row
 */
export function cleanedColumn(
  node: ExpressionNode,
  type: ColumnType,
  raw: RawSchema,
  dictionary?: TextDictionary,
): CleanedColumn | undefined {
  const form = textForm(node, raw);
  if (form?.kind === 'text' && type === 'text') return new CleanedText(form, dictionary);
  if (form?.kind === 'number' && (type === 'bigint' || type === 'timestamp'))
    return new ParsedNumber(type, form);
  if (node.kind === 'column' && (type === 'bigint' || type === 'double')) {
    return new RawNumber(type, fieldOf(node, raw));
  }
  if (node.kind !== 'call') return;
  const [first, second] = node.arguments;
  if (first === undefined || second === undefined) return;
  if (node.function === 'join_words') {
    const [a, b] = [textForm(first, raw), textForm(second, raw)];
    return a?.kind === 'text' && b?.kind === 'text' ? new JoinedWords(a, b, dictionary) : undefined;
  }
  if (node.function === 'coordinates' && first.kind === 'column' && second.kind === 'column') {
    return new Coordinates(fieldOf(first, raw), fieldOf(second, raw));
  }
  return;
}

/**
 * A column for an expression over raw fields whose values are only written.
 * @returns undefined when there is no other way than `cleanedColumn`
 */
export function writtenColumn(
  node: ExpressionNode,
  type: ColumnType,
  raw: RawSchema,
): CleanedColumn<StoredColumn> | undefined {
  const form = textForm(node, raw);
  return form?.kind === 'text' && type === 'text' ? new WrittenText(form) : undefined;
}

function fieldOf({ name }: { readonly name: string }, raw: RawSchema): number {
  return Object.keys(raw).indexOf(name);
}

/** A form over the bytes of a field. */
interface FieldForm {
  readonly field: number;
  readonly kind: 'text' | 'number';
  readonly of: (bytes: Uint8Array, start: number, end: number) => number;
  /** By the first byte of a text: 1 where it is known to be itself in this form. */
  readonly passes: Uint8Array;
}

/** The form of an expression that reads one text field. */
function textForm(node: ExpressionNode, raw: RawSchema): FieldForm | undefined {
  const [name, ...others] = columnsOf(node);
  if (name === undefined || others.length > 0 || raw[name] !== 'text') return;
  const form: BytesForm | undefined = bytesForm(node, name);
  if (form?.kind !== 'text' && form?.kind !== 'number') return;
  const passes = Uint8Array.from({ length: 256 }, (_, first) => (form.passes(first) ? 1 : 0));
  return { field: fieldOf({ name }, raw), kind: form.kind, of: form.of, passes };
}

/** Where a text begins in a form, −1 for null. */
function beginOf({ of, passes }: FieldForm, bytes: Uint8Array, start: number, end: number): number {
  return start < end && passes[bytes[start] ?? 0] === 1 ? start : of(bytes, start, end);
}

/** Room for the next rows, so that it need not grow: the next task or batch is often of about the size of the last. */
function aboutAsMany(length: number): number {
  return length + (length >> 3);
}

/** Numbers, one a row. */
abstract class CleanedNumber implements CleanedColumn {
  protected values: Float64Array = new Float64Array(0);
  protected length = 0;

  constructor(private readonly type: 'bigint' | 'double' | 'timestamp') {}

  abstract add(fields: LineFields): void;

  take(): Column {
    const column = new NumberColumn(this.type, this.values.subarray(0, this.length));
    this.values = new Float64Array(aboutAsMany(this.length));
    this.length = 0;
    return column;
  }
}

/** A number field as it is. */
class RawNumber extends CleanedNumber {
  constructor(
    type: 'bigint' | 'double',
    private readonly field: number,
  ) {
    super(type);
  }

  override add({ numbers, width, length }: LineFields): void {
    this.values = grown(this.values, this.length + length);
    const { values, field } = this;
    for (let row = 0, to = this.length; row < length; row += 1, to += 1) {
      values[to] = numbers[row * width + field] ?? Number.NaN;
    }
    this.length += length;
  }
}

/** A number that a text stands for. */
class ParsedNumber extends CleanedNumber {
  constructor(
    type: 'bigint' | 'timestamp',
    private readonly form: FieldForm,
  ) {
    super(type);
  }

  override add(fields: LineFields): void {
    this.values = grown(this.values, this.length + fields.length);
    const { bytes, starts, ends, width, length } = fields;
    const { values } = this;
    const { of, field } = this.form;
    for (let row = 0, to = this.length; row < length; row += 1, to += 1) {
      const cell = row * width + field;
      const start = starts[cell] ?? -1;
      const end = ends[cell] ?? 0;
      if (start < 0) {
        values[to] = Number.NaN;
      } else if (end >= 0) {
        values[to] = of(bytes, start, end);
      } else {
        const text = fields.unescapedAt(cell);
        values[to] = of(text, 0, text.length);
      }
    }
    this.length += length;
  }
}

/** Texts, one a row, by their codes. */
abstract class CleanedTexts implements CleanedColumn {
  protected codes = new Int32Array(0);
  protected length = 0;
  protected dictionary: TextDictionary;

  constructor(private readonly given: TextDictionary | undefined) {
    this.dictionary = given ?? new TextDictionary();
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

  take(): TextColumn {
    const column = new TextColumn(this.dictionary, this.codes.subarray(0, this.length));
    this.codes = new Int32Array(aboutAsMany(this.length));
    this.length = 0;
    this.dictionary = this.given ?? new TextDictionary();
    return column;
  }
}

/** A text field or its end piece, or null. */
class CleanedText extends CleanedTexts {
  constructor(
    private readonly form: FieldForm,
    dictionary: TextDictionary | undefined,
  ) {
    super(dictionary);
  }

  override add(fields: LineFields): void {
    this.codes = grown(this.codes, this.length + fields.length);
    const { bytes, starts, ends, width, length } = fields;
    const { codes, dictionary, form } = this;
    const { of, field } = form;
    for (let row = 0, to = this.length; row < length; row += 1, to += 1) {
      const cell = row * width + field;
      const start = starts[cell] ?? -1;
      const end = ends[cell] ?? 0;
      let code = -1;
      if (start >= 0 && end >= 0) {
        const from = beginOf(form, bytes, start, end);
        if (from >= 0) code = dictionary.codeOfBytes(bytes, from, end);
      } else if (start >= 0) {
        const text = fields.unescapedAt(cell);
        const from = of(text, 0, text.length);
        if (from >= 0) code = dictionary.codeOfBytes(text, from, text.length);
      }
      codes[to] = code;
    }
    this.length += length;
  }
}

/** Rows after which it is clear whether texts come again. */
const trialRows = 4096;

/**
 * A text field or its end piece, or null, that is only written. Texts that come again are known by their codes, which is short
 * in a file; where more than half of the first ones do not, looking for equals would cost more than all the rest, then and later.
 */
class WrittenText implements CleanedColumn<StoredColumn> {
  private readonly coded: CleanedText;
  private plain: PlainTexts | undefined;

  constructor(private readonly form: FieldForm) {
    this.coded = new CleanedText(form, undefined);
  }

  add(fields: LineFields): void {
    if (this.plain !== undefined) {
      addPlain(this.plain, this.form, fields);
      return;
    }
    this.coded.add(fields);
    if (this.coded.rows >= trialRows && this.coded.different > this.coded.rows / 2)
      this.plain = PlainTexts.of(this.coded.take());
  }

  take(): StoredColumn {
    const { plain } = this;
    if (plain === undefined) return this.coded.take();
    this.plain = PlainTexts.empty();
    return plain;
  }
}

function addPlain(texts: PlainTexts, form: FieldForm, fields: LineFields): void {
  const { of, field } = form;
  const { bytes, starts, ends, width, length } = fields;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 0; row < length; row += 1) {
    const cell = row * width + field;
    const start = starts[cell] ?? -1;
    const end = ends[cell] ?? 0;
    if (start < 0) {
      texts.addNull();
    } else if (end >= 0) {
      const from = beginOf(form, bytes, start, end);
      if (from < 0) texts.addNull();
      else texts.add(view, from, end);
    } else {
      const text = fields.unescapedAt(cell);
      const from = of(text, 0, text.length);
      if (from < 0) texts.addNull();
      else texts.add(new DataView(text.buffer, text.byteOffset, text.byteLength), from, text.length);
    }
  }
}

/** `join_words` of two texts. */
class JoinedWords extends CleanedTexts {
  private joined = new Uint8Array(256);
  private joinedLength = 0;

  constructor(
    private readonly first: FieldForm,
    private readonly second: FieldForm,
    dictionary: TextDictionary | undefined,
  ) {
    super(dictionary);
  }

  override add(fields: LineFields): void {
    this.codes = grown(this.codes, this.length + fields.length);
    const { codes, dictionary } = this;
    for (let row = 0, to = this.length; row < fields.length; row += 1, to += 1) {
      this.joinedLength = -1;
      this.addWord(fields, row, this.first);
      this.addWord(fields, row, this.second);
      codes[to] = this.joinedLength < 0 ? -1 : dictionary.codeOfBytes(this.joined, 0, this.joinedLength);
    }
    this.length += fields.length;
  }

  private addWord(fields: LineFields, row: number, form: FieldForm): void {
    const cell = row * fields.width + form.field;
    const start = fields.starts[cell] ?? -1;
    if (start < 0) return;
    const end = fields.ends[cell] ?? 0;
    if (end < 0) {
      const text = fields.unescapedAt(cell);
      this.append(text, form.of(text, 0, text.length), text.length);
    } else {
      this.append(fields.bytes, beginOf(form, fields.bytes, start, end), end);
    }
  }

  /** Adds a word, behind a space when there is one before. */
  private append(bytes: Uint8Array, from: number, end: number): void {
    if (from < 0) return;
    let to = this.joinedLength;
    this.joined = grown(this.joined, to + 1 + end - from);
    const { joined } = this;
    if (to >= 0) joined[to] = 0x20;
    to += 1;
    for (let at = from; at < end; at += 1, to += 1) joined[to] = bytes[at] ?? 0;
    this.joinedLength = to;
  }
}

/** `coordinates` of two number fields. */
class Coordinates implements CleanedColumn {
  private elements = new Float64Array(0);
  private filled = 0;
  private ends = new Int32Array(0);
  private length = 0;

  constructor(
    private readonly latitude: number,
    private readonly longitude: number,
  ) {}

  add({ numbers, width, length }: LineFields): void {
    this.elements = grown(this.elements, this.filled + 2 * length);
    this.ends = grown(this.ends, this.length + length);
    const { elements, ends } = this;
    let { filled } = this;
    for (let row = 0; row < length; row += 1) {
      const latitude = numbers[row * width + this.latitude] ?? Number.NaN;
      const longitude = numbers[row * width + this.longitude] ?? Number.NaN;
      const known = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      if (known) {
        elements[filled] = latitude;
        elements[filled + 1] = longitude;
        filled += 2;
      }
      ends[this.length + row] = known ? filled : -1 - filled;
    }
    this.filled = filled;
    this.length += length;
  }

  take(): Column {
    const column = new ArrayColumn(
      this.elements.subarray(0, this.filled),
      this.ends.subarray(0, this.length),
    );
    this.elements = new Float64Array(aboutAsMany(this.filled));
    this.filled = 0;
    this.ends = new Int32Array(aboutAsMany(this.length));
    this.length = 0;
    return column;
  }
}
