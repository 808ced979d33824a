/**
 * The column types of a plan and the JavaScript values that stand for them.
 *
 * | type            | value in JavaScript                                   | Spark           |
 * |-----------------|-------------------------------------------------------|-----------------|
 * | `bigint`        | integer `number` within ±(2⁵³−1)                       | `BIGINT`        |
 * | `int`           | integer `number` within 32 bits                       | `INT`           |
 * | `double`        | finite `number`, never −0                             | `DOUBLE`        |
 * | `text`          | `string` without unpaired surrogates                  | `STRING`        |
 * | `boolean`       | `boolean`                                             | `BOOLEAN`       |
 * | `timestamp`     | milliseconds since 1970-01-01T00:00:00Z, a `number`   | `TIMESTAMP`     |
 * | `date`          | a `timestamp` at 00:00                                | `DATE`          |
 * | `array<double>` | `readonly number[]`                                   | `ARRAY<DOUBLE>` |
 * | `array<text>`   | `readonly string[]`                                   | `ARRAY<STRING>` |
 *
 * Every type has one more value, `null`, for unknown; elements of arrays are never null. Arrays of text exist inside plans alone:
 * no dataset and no answer has a column of them.
 */
export const columnTypes = [
  'bigint',
  'int',
  'double',
  'text',
  'boolean',
  'timestamp',
  'date',
  'array<double>',
  'array<text>',
] as const;

export type ColumnType = (typeof columnTypes)[number];

/** The JavaScript value of each type, without null. */
export interface ValueOfType {
  bigint: number;
  int: number;
  double: number;
  text: string;
  boolean: boolean;
  timestamp: number;
  date: number;
  'array<double>': readonly number[];
  'array<text>': readonly string[];
}

/** Any value but null. */
export type NonNullValue = ValueOfType[ColumnType];

/** Any value a cell can hold. */
export type Value = NonNullValue | null;

/** Columns by name, in order. */
export type Schema = Readonly<Record<string, ColumnType>>;

/** The types whose values have an order, so that they can be compared, sorted and grouped. */
export const orderedTypes = ['bigint', 'int', 'double', 'text', 'boolean', 'timestamp', 'date'] as const;

export type OrderedType = (typeof orderedTypes)[number];

/** The types of arrays, with the type of their elements. */
export const elementTypes = { 'array<double>': 'double', 'array<text>': 'text' } as const;

export type ArrayType = keyof typeof elementTypes;

export type ElementType<A extends ArrayType> = (typeof elementTypes)[A];

export function isArrayType(type: ColumnType): type is ArrayType {
  return type in elementTypes;
}

/** The largest integer that a `bigint` column holds, 2⁵³−1; JavaScript's numbers are exact up to here. */
export const largestInteger = Number.MAX_SAFE_INTEGER;

/** A mistake in a plan, found when the plan is built. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/**
 * The type of a column.
 * @throws PlanError that lists the columns that exist
 */
export function columnType(schema: Schema, column: string): ColumnType {
  const type = Object.hasOwn(schema, column) ? schema[column] : undefined;
  if (type === undefined) {
    throw new PlanError(`There is no column "${column}"; the columns are ${Object.keys(schema).join(', ')}.`);
  }
  return type;
}

/** Some columns of a schema, each once. @throws PlanError that lists the columns that exist */
export function partOf(schema: Schema, columns: Iterable<string>): Schema {
  return Object.fromEntries([...columns].map((name) => [name, columnType(schema, name)]));
}

/**
 * The type of a column that has an order.
 * @throws PlanError when the column does not exist, or has no order
 */
export function orderedColumnType(schema: Schema, name: string, purpose: string): ColumnType {
  const type = columnType(schema, name);
  if (isArrayType(type)) {
    throw new PlanError(
      `Cannot ${purpose} "${name}": ${type} has no order. Leave it out with select, or take elements of it with elementAt.`,
    );
  }
  return type;
}

/**
 * Refuses columns that no table of a lake holds.
 * @throws PlanError naming the column
 */
export function checkStorable(schema: Schema): void {
  for (const [name, type] of Object.entries(schema)) {
    if (type === 'array<text>') {
      throw new PlanError(
        `The column "${name}" is of array<text>, which no table holds: explode it, or take elements with elementAt.`,
      );
    }
  }
}
