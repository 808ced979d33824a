/** Translates between the schema of a plan and that of a Delta table (Delta protocol, "Schema Serialization Format"). */

import * as z from 'zod';
import type { ColumnType, Schema } from '../plan/types.ts';
import { DeltaError } from './error.ts';

const deltaTypes = {
  bigint: 'long',
  int: 'integer',
  double: 'double',
  text: 'string',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  'array<double>': { type: 'array', elementType: 'double', containsNull: true },
  'array<text>': { type: 'array', elementType: 'string', containsNull: true },
} as const satisfies Record<ColumnType, unknown>;

/** Names and types of columns, for errors. */
export function described(schema: Schema): string {
  return Object.entries(schema)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');
}

/** The `schemaString` of a table. Every column may be null. */
export function schemaString(schema: Schema): string {
  const fields = Object.entries(schema).map(([name, type]) => ({
    name,
    type: deltaTypes[type],
    nullable: true,
    metadata: {},
  }));
  return JSON.stringify({ type: 'struct', fields });
}

const structSchema = z.object({
  type: z.literal('struct'),
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.union([z.string(), z.looseObject({ type: z.string(), elementType: z.unknown().optional() })]),
      nullable: z.boolean(),
      metadata: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

type Field = z.infer<typeof structSchema>['fields'][number];

/**
 * The columns that a `schemaString` states.
 * @throws DeltaError when it is not a schema, or has a type that plans do not have
 */
export function schemaOf(schemaString: string, table: string): Schema {
  return Object.fromEntries(
    fieldsOf(schemaString, table).map((field) => [field.name, columnTypeOf(field, table)]),
  );
}

/** Constraints that writers must enforce and this one does not: non-null columns, invariants, generated columns. */
export function constraintsOf(schemaString: string, table: string): string[] {
  return fieldsOf(schemaString, table).flatMap(({ name, nullable, metadata }) => [
    ...(nullable ? [] : [`${name} NOT NULL`]),
    ...['delta.invariants', 'delta.generationExpression', 'delta.identity.start']
      .filter((key) => metadata?.[key] !== undefined)
      .map((key) => `${key} on ${name}`),
  ]);
}

function fieldsOf(schemaString: string, table: string): Field[] {
  try {
    return structSchema.parse(JSON.parse(schemaString)).fields;
  } catch (error) {
    throw new DeltaError(`The schema of the Delta table ${table} cannot be read: ${schemaString}`, {
      cause: error,
    });
  }
}

function columnTypeOf({ name, type }: Field, table: string): ColumnType {
  const found =
    typeof type === 'string'
      ? columnTypeOfName[type]
      : type.type === 'array' && type.elementType === 'double'
        ? 'array<double>'
        : undefined;
  if (found === undefined) {
    throw new DeltaError(
      `The column "${name}" of the Delta table ${table} has the type ${JSON.stringify(type)}; ` +
        'types that can be read are long, integer, double, string, boolean, timestamp, date and array<double>.',
    );
  }
  return found;
}

const columnTypeOfName: Readonly<Record<string, ColumnType | undefined>> = {
  long: 'bigint',
  integer: 'int',
  double: 'double',
  string: 'text',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
};
