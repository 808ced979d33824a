import { checkTableName } from './column_names.ts';
import type { Expression, ExpressionNode, RowOf } from './expression.ts';
import { Table } from './table.ts';
import type { SchemaOf } from './table_types.ts';
import { checkStorable, PlanError, type Schema } from './types.ts';

/** The types of a raw field in the JSON of an event. */
export type RawType = 'bigint' | 'double' | 'text';

export type RawSchema = Readonly<Record<string, RawType>>;

/** A kind of event: its raw fields, and their cleaning. Everything else about it is derived. */
export interface Dataset<Clean extends Schema = Schema> {
  /** A short name: of its topic and of its tables. */
  readonly name: string;
  /** One sentence for people who find it in an API, a table or a dashboard. */
  readonly description: string;
  /** The MySQL table that the emulator reads its rows from. */
  readonly sourceTable: string;
  /** The raw fields of an event, in the order in which they are sent. */
  readonly raw: RawSchema;
  /** The raw field that every event must have, an integer. */
  readonly key: string;
  /** The cleaned column that holds the key unchanged. */
  readonly keyColumn: string;
  /** The cleaned columns that tell who somebody is or what they wrote: real events that become cases are without them. */
  readonly personal: readonly string[];
  /**
   * Fingerprints of rules, as a lake's table `files_read` holds them, that mean the same in other words: files that were read by
   * one of them are not read again when another is the present one.
   */
  readonly sameRules: readonly string[];
  /** The expression of each cleaned column over the raw fields of one event. */
  readonly clean: Readonly<Record<string, ExpressionNode>>;
  /** From raw rows (the source `<name>_raw`) to cleaned, distinct ones. */
  readonly cleaning: Table<Clean>;
  /** The cleaned rows (the source `<name>`), which queries read. */
  readonly table: Table<Clean>;
}

/**
 * Defines a dataset.
 * @throws PlanError naming the dataset, when its key or a cleaning rule does not fit its raw fields
 * @example
 * const likes = dataset({
 *   name: 'like',
 *   description: 'A person likes a post.',
 *   sourceTable: 'like_data',
 *   key: 'ind',
 *   raw: { ind: 'bigint', made: 'text' },
 *   clean: (raw) => ({ ind: raw.ind, made: parseTimestamp(raw.made) }),
 * });
 */
export function dataset<const Raw extends RawSchema, Columns extends Record<string, Expression>>(definition: {
  readonly name: string;
  readonly description: string;
  readonly sourceTable: string;
  readonly raw: Raw;
  readonly key: { [C in keyof Raw]: 'bigint' extends Raw[C] ? C : never }[keyof Raw] & string;
  readonly clean: (raw: RowOf<Raw>) => Columns;
  /** Default: none. */
  readonly personal?: readonly (keyof Columns & string)[];
  /** Default: none. */
  readonly sameRules?: readonly string[];
}): Dataset<SchemaOf<Columns>> {
  const { name, raw, key, clean, personal = [], sameRules = [] } = definition;
  return inPlanOf(`dataset ${name}`, () => {
    checkTableName(name);
    if (raw[key] !== 'bigint') {
      throw new PlanError(`The key "${key}" must be a raw field of type bigint.`);
    }
    const rawTable = Table.source(`${name}_raw`, raw);
    const cleaned = clean(rawTable.columns);
    const cleaning = rawTable.select(() => cleaned).distinct();
    checkStorable(cleaning.schema);
    const columns = Object.entries(cleaned).map(([column, { node }]) => [column, node] as const);
    const keyColumn = columns.find(([, node]) => node.kind === 'column' && node.name === key)?.[0];
    if (keyColumn === undefined) {
      throw new PlanError(`The key "${key}" must be one of the cleaned columns, unchanged.`);
    }
    return {
      name,
      description: definition.description,
      sourceTable: definition.sourceTable,
      raw,
      key,
      keyColumn,
      personal,
      sameRules,
      clean: Object.fromEntries(columns),
      cleaning,
      table: Table.source(name, cleaning.schema),
    };
  });
}

/**
 * Adds the owner of a plan to the PlanError that building it throws.
 * @example
 * inPlanOf('query posts', () => posts.orderBy('country'));
 */
export function inPlanOf<T>(owner: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (error instanceof PlanError) {
      throw new PlanError(`In ${owner}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
