/**
 * Decodes cleaned columns straight from the bytes of lines: one class for each kind of expression over raw fields.
 *
 * Rows are below the block's length and fields below its width, so the `??` of a cell only satisfies the type.
 */

import { ArrayColumn, type Column, NumberColumn } from '../columns/column.ts';
import { ensureCapacity } from '../columns/ensure_capacity.ts';
import type { StoredColumn } from '../columns/plain_byte_arrays.ts';
import type { StringDictionary } from '../columns/string_dictionary.ts';
import { compositionOf } from '../datasets/compositions.ts';
import type { RawSchema } from '../plan/dataset.ts';
import type { ExpressionNode } from '../plan/expression.ts';
import type { ColumnType } from '../plan/types.ts';
import { type ColumnDecoder, nextCapacity } from './column_decoder.ts';
import { type FieldSource, fieldOf, stringSource } from './field_sources.ts';
import type { LineFields } from './line_fields.ts';
import { JoinedStringDecoder, PlainStringDecoder, StringDecoder } from './string_decoders.ts';

/**
 * The decoder of an expression over raw fields.
 * @param dictionary for its strings; without it, a new one at each `take`
 * @returns undefined when the expression has to be evaluated row by row
 */
export function columnDecoder(
  node: ExpressionNode,
  type: ColumnType,
  raw: RawSchema,
  dictionary?: StringDictionary,
): ColumnDecoder | undefined {
  const source = stringSource(node, raw);
  if (source?.kind === 'text' && type === 'text') {
    return new StringDecoder(source, dictionary);
  }
  const isTimestampField =
    node.kind === 'call' && node.function === 'parse_timestamp' && node.arguments[0]?.kind === 'column';
  if (source?.kind === 'number' && type === 'timestamp' && isTimestampField) {
    return new TimestampDecoder(type, source);
  }
  if (source?.kind === 'number' && (type === 'bigint' || type === 'timestamp')) {
    return new ParsedNumberDecoder(type, source);
  }
  if (node.kind === 'column' && (type === 'bigint' || type === 'double')) {
    return new RawNumberDecoder(type, fieldOf(node, raw));
  }
  const composition = compositionOf(node);
  if (composition === undefined) {
    return;
  }
  const [first, second] = composition.operands;
  switch (composition.name) {
    case 'join_words': {
      const [a, b] = [stringSource(first, raw), stringSource(second, raw)];
      return a?.kind === 'text' && b?.kind === 'text' ? new JoinedStringDecoder(a, b, dictionary) : undefined;
    }
    case 'coordinates':
      return first.kind === 'column' && second.kind === 'column'
        ? new CoordinatesDecoder(fieldOf(first, raw), fieldOf(second, raw))
        : undefined;
  }
}

/**
 * The decoder of an expression over raw fields whose values are only written.
 * @returns undefined when `columnDecoder` has to be used
 */
export function plainColumnDecoder(
  node: ExpressionNode,
  type: ColumnType,
  raw: RawSchema,
): ColumnDecoder<StoredColumn> | undefined {
  const source = stringSource(node, raw);
  return source?.kind === 'text' && type === 'text' ? new PlainStringDecoder(source) : undefined;
}

/** Numbers, one a row. */
abstract class NumberDecoder implements ColumnDecoder {
  protected values: Float64Array = new Float64Array(0);
  protected length = 0;

  constructor(private readonly type: 'bigint' | 'double' | 'timestamp') {}

  abstract add(fields: LineFields): void;

  take(): Column {
    const column = new NumberColumn(this.type, this.values.subarray(0, this.length));
    this.values = new Float64Array(nextCapacity(this.length));
    this.length = 0;
    return column;
  }
}

/** A number field without cleaning. */
class RawNumberDecoder extends NumberDecoder {
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

/** A number parsed from a string. */
class ParsedNumberDecoder extends NumberDecoder {
  constructor(
    type: 'bigint' | 'timestamp',
    protected readonly source: FieldSource,
  ) {
    super(type);
  }

  override add(fields: LineFields): void {
    this.values = ensureCapacity(this.values, this.length + fields.length);
    const { values } = this;
    for (let row = 0, to = this.length; row < fields.length; row += 1, to += 1) {
      values[to] = numberAt(fields, row, this.source);
    }
    this.length += fields.length;
  }
}

function numberAt(fields: LineFields, row: number, { evaluate, field }: FieldSource): number {
  const cell = row * fields.width + field;
  const start = fields.starts[cell] ?? -1;
  const end = fields.ends[cell] ?? 0;
  if (start < 0) {
    return Number.NaN;
  }
  if (end >= 0) {
    return evaluate(fields.bytes, start, end);
  }
  const string = fields.unescapedAt(cell);
  return evaluate(string, 0, string.length);
}

/** A string field as a timestamp: the loop in wasm/timestamps.ts parses those without escapes. */
class TimestampDecoder extends ParsedNumberDecoder {
  override add(fields: LineFields): void {
    if (!fields.areForLoops) {
      super.add(fields);
      return;
    }
    const { memory, ends, width, length } = fields;
    const { field } = this.source;
    this.values = ensureCapacity(this.values, this.length + length);
    const escaped = memory.parseTimestamps(width, field, length);
    this.values.set(memory.timestamps.subarray(0, length), this.length);
    for (let row = 0; escaped > 0 && row < length; row += 1) {
      if ((ends[row * width + field] ?? 0) < 0) {
        this.values[this.length + row] = numberAt(fields, row, this.source);
      }
    }
    this.length += length;
  }
}

/** `coordinates` (`pipeline/datasets/`) of two number fields. */
class CoordinatesDecoder implements ColumnDecoder {
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
      const isNotNull = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      if (isNotNull) {
        elements[filled] = latitude;
        elements[filled + 1] = longitude;
        filled += 2;
      }
      ends[this.length + row] = isNotNull ? filled : -1 - filled;
    }
    this.filled = filled;
    this.length += length;
  }

  take(): Column {
    const column = new ArrayColumn(
      this.elements.subarray(0, this.filled),
      this.ends.subarray(0, this.length),
    );
    this.elements = new Float64Array(nextCapacity(this.filled));
    this.filled = 0;
    this.ends = new Int32Array(nextCapacity(this.length));
    this.length = 0;
    return column;
  }
}
