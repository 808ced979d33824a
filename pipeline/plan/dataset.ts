import { checkTableName } from './column_names.ts';
import type { Expression, ExpressionNode, RowOf } from './expression.ts';
import { Table } from './table.ts';
import { PlanError, type Schema } from './types.ts';

/** The types of a raw field, as the JSON of an event gives it. */
export type RawType = 'bigint' | 'double' | 'text';

export type RawSchema = Readonly<Record<string, RawType>>;

/** A kind of event: what arrives, and what it means once cleaned. Everything else about it is derived. */
export interface Dataset<Clean extends Schema = Schema> {
  /** Its short name: a topic, and the name of its tables. */
  readonly name: string;
  /** One sentence for people who meet it in an API, a table or a dashboard. */
  readonly description: string;
  /** The MySQL table that the emulator reads its rows from. */
  readonly sourceTable: string;
  /** The raw fields of an event, in the order in which they are sent. */
  readonly raw: RawSchema;
  /** The raw field that must be there, an integer. */
  readonly key: string;
  /** The cleaned column that is the key as it came. */
  readonly keyColumn: string;
  /** What each cleaned column is made of, from the raw fields of one event. */
  readonly clean: Readonly<Record<string, ExpressionNode>>;
  /** From raw rows (the source `<name>_raw`) to cleaned, distinct ones. */
  readonly cleaning: Table<Clean>;
  /** The cleaned rows (the source `<name>`), which queries read. */
  readonly table: Table<Clean>;
}

type SchemaOf<Columns extends Record<string, Expression>> = { [C in keyof Columns]: Columns[C]['type'] };

/**
 * Defines a dataset.
 * @throws PlanError naming the dataset, when its key or a cleaning rule does not fit its raw fields
 */
export function dataset<const Raw extends RawSchema, Columns extends Record<string, Expression>>(definition: {
  readonly name: string;
  readonly description: string;
  readonly sourceTable: string;
  readonly raw: Raw;
  readonly key: keyof Raw & string;
  readonly clean: (raw: RowOf<Raw>) => Columns;
}): Dataset<SchemaOf<Columns>> {
  const { name, raw, key, clean } = definition;
  return inPlanOf(`dataset ${name}`, () => {
    checkTableName(name);
    if (raw[key] !== 'bigint') {
      throw new PlanError(`The key "${key}" must be a raw field of type bigint.`);
    }
    const rawTable = Table.source(`${name}_raw`, raw);
    const cleaned = clean(rawTable.columns);
    const cleaning = rawTable.select(() => cleaned).distinct();
    const columns = Object.entries(cleaned).map(([column, { node }]) => [column, node] as const);
    const keyColumn = columns.find(([, node]) => node.kind === 'column' && node.name === key)?.[0];
    if (keyColumn === undefined) {
      throw new PlanError(`The key "${key}" must be one of the cleaned columns, as it came.`);
    }
    return {
      name,
      description: definition.description,
      sourceTable: definition.sourceTable,
      raw,
      key,
      keyColumn,
      clean: Object.fromEntries(columns),
      cleaning,
      table: Table.source(name, cleaning.schema),
    };
  });
}

/** Says whose plan it was when building it fails. */
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
