/** Cleaned columns, gathered straight from the bytes of lines: one class for each way a column comes out of its raw fields. */

import { ArrayColumn, type Column, NumberColumn } from '../columns/column.ts';
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import type { StringDictionary } from '../columns/string_dictionary.ts';
import type { StoredColumn } from '../parquet/plain_byte_arrays.ts';
import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import type { ColumnType } from '../plan/types.ts';
import { aboutAsMany, type ColumnDecoder } from './column_decoder.ts';
import { type FieldSource, fieldOf, stringSource } from './field_sources.ts';
import type { LineFields } from './line_scanner.ts';
import { JoinedStringDecoder, PlainStringDecoder, StringDecoder } from './string_decoders.ts';

/**
 * A column for an expression over raw fields.
 * @param dictionary for its texts; a new one at each `take` when there is none
 * @returns undefined when the expression has to be evaluated row by row
 */
export function columnDecoder(
  node: ExpressionNode,
  type: ColumnType,
  raw: RawSchema,
  dictionary?: StringDictionary,
): ColumnDecoder | undefined {
  const form = stringSource(node, raw);
  if (form?.kind === 'text' && type === 'text') return new StringDecoder(form, dictionary);
  if (
    node.kind === 'call' &&
    node.function === 'parse_timestamp' &&
    node.arguments[0]?.kind === 'column' &&
    form &&
    type === 'timestamp'
  )
    return new Timestamps(type, form);
  if (form?.kind === 'number' && (type === 'bigint' || type === 'timestamp'))
    return new ParsedNumber(type, form);
  if (node.kind === 'column' && (type === 'bigint' || type === 'double')) {
    return new RawNumber(type, fieldOf(node, raw));
  }
  if (node.kind !== 'call') return;
  const [first, second] = node.arguments;
  if (first === undefined || second === undefined) return;
  if (node.function === 'join_words') {
    const [a, b] = [stringSource(first, raw), stringSource(second, raw)];
    return a?.kind === 'text' && b?.kind === 'text' ? new JoinedStringDecoder(a, b, dictionary) : undefined;
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
export function plainColumnDecoder(
  node: ExpressionNode,
  type: ColumnType,
  raw: RawSchema,
): ColumnDecoder<StoredColumn> | undefined {
  const form = stringSource(node, raw);
  return form?.kind === 'text' && type === 'text' ? new PlainStringDecoder(form) : undefined;
}

/** Numbers, one a row. */
abstract class CleanedNumber implements ColumnDecoder {
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
    this.values = ensureCapacity(this.values, this.length + length);
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
    protected readonly form: FieldSource,
  ) {
    super(type);
  }

  override add(fields: LineFields): void {
    this.values = ensureCapacity(this.values, this.length + fields.length);
    const { values } = this;
    for (let row = 0, to = this.length; row < fields.length; row += 1, to += 1) {
      values[to] = numberAt(fields, row, this.form);
    }
    this.length += fields.length;
  }
}

function numberAt(fields: LineFields, row: number, { of, field }: FieldSource): number {
  const cell = row * fields.width + field;
  const start = fields.starts[cell] ?? -1;
  const end = fields.ends[cell] ?? 0;
  if (start < 0) return Number.NaN;
  if (end >= 0) return of(fields.bytes, start, end);
  const text = fields.unescapedAt(cell);
  return of(text, 0, text.length);
}

/** A text field as a timestamp, which the loop in wasm/timestamps.ts reads where the text has no escapes. */
class Timestamps extends ParsedNumber {
  override add(fields: LineFields): void {
    if (!fields.areForLoops) {
      super.add(fields);
      return;
    }
    const { memory, ends, width, length } = fields;
    const { field } = this.form;
    this.values = ensureCapacity(this.values, this.length + length);
    const escaped = memory.timestampsOf(width, field, length);
    this.values.set(memory.timestamps.subarray(0, length), this.length);
    for (let row = 0; escaped > 0 && row < length; row += 1) {
      if ((ends[row * width + field] ?? 0) < 0) {
        this.values[this.length + row] = numberAt(fields, row, this.form);
      }
    }
    this.length += length;
  }
}

/** `coordinates` of two number fields. */
class Coordinates implements ColumnDecoder {
  private elements = new Float64Array(0);
  private filled = 0;
  private ends = new Int32Array(0);
  private length = 0;

  constructor(
    private readonly latitude: number,
    private readonly longitude: number,
  ) {}

  add({ numbers, width, length }: LineFields): void {
    this.elements = ensureCapacity(this.elements, this.filled + 2 * length);
    this.ends = ensureCapacity(this.ends, this.length + length);
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
