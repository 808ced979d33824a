/** The tables that the emulator reads, as MySQL keeps them: their columns follow from the datasets. */
import { isUtf8 } from 'node:buffer';
import type { Dataset, RawType } from '../../pipeline/plan/dataset.ts';
import type { ExpressionNode } from '../../pipeline/plan/expression.ts';
import { inputsOf, type RelationNode } from '../../pipeline/plan/relation.ts';
import type { RawEvent } from '../event.ts';
import type { Row } from './database.ts';

/** Quotes a name: some columns are called as MySQL's own words (`index`, `timestamp`). */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The columns of a dataset's table, to select or to insert. */
export function columnList(dataset: Dataset): string {
  return Object.keys(dataset.raw).map(quoted).join(', ');
}

/** Creates a dataset's table if it does not exist. Its key is the primary key, so that a row is found at once. */
export function createTableStatement(dataset: Dataset): string {
  const times = timeFields(dataset);
  const columns = Object.entries(dataset.raw).map(([field, type]) => {
    const columnType = times.has(field) ? 'DATETIME' : columnTypes[type];
    return `  ${quoted(field)} ${columnType}${field === dataset.key ? ' NOT NULL PRIMARY KEY' : ' NULL'}`;
  });
  const options = 'CHARACTER SET utf8mb4';
  return `CREATE TABLE IF NOT EXISTS ${quoted(dataset.sourceTable)} (\n${columns.join(',\n')}\n) ${options}`;
}

/** Inserts rows (`VALUES ?`), and overwrites those whose key exists: the same rows again change nothing. */
export function upsertStatement(dataset: Dataset): string {
  const changes = Object.keys(dataset.raw)
    .filter((field) => field !== dataset.key)
    .map((field) => `${quoted(field)} = VALUES(${quoted(field)})`);
  const table = `${quoted(dataset.sourceTable)} (${columnList(dataset)})`;
  return `INSERT INTO ${table} VALUES ? ON DUPLICATE KEY UPDATE ${changes.join(', ')}`;
}

/**
 * The event that a row holds; a string that is not of its field's type is handed on as it is.
 * @throws Error that names the column and the row, for values that no event can hold
 */
export function eventOfRow(dataset: Dataset, row: Row): RawEvent {
  return Object.fromEntries(
    Object.entries(dataset.raw).map(([field, type]) => {
      const value = scalarOf(row[field]);
      if (value === undefined) {
        const { key, sourceTable } = dataset;
        throw new Error(
          `The column ${field} of the table ${sourceTable} holds what is no text, number or time, as where ${key} = ` +
            `${String(row[key])}. Read a view instead that gives it as text, for example by HEX(${quoted(field)}).`,
        );
      }
      return [field, rawValue(value, type)];
    }),
  );
}

/** A value as a string or a number, UTF-8 in a column of bytes too; undefined for other bytes and for shapes. */
function scalarOf(value: unknown): string | number | null | undefined {
  if (value instanceof Uint8Array) {
    return isUtf8(value) ? Buffer.from(value).toString() : undefined;
  }
  if (value === undefined || value === null) {
    return null;
  }
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function rawValue(value: string | number | null, type: RawType): string | number | null {
  if (value === null || type === 'text') {
    return value === null ? null : String(value);
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

const columnTypes = {
  bigint: 'BIGINT',
  double: 'DOUBLE',
  text: 'TEXT',
} as const satisfies Record<RawType, string>;

/** The fields that the dataset's cleaning reads as times. */
function timeFields(dataset: Dataset): ReadonlySet<string> {
  return new Set(expressionsOf(dataset.cleaning.node).flatMap(timesIn));
}

function expressionsOf(node: RelationNode): ExpressionNode[] {
  const own = node.kind === 'select' ? Object.values(node.columns) : [];
  return [...own, ...inputsOf(node).flatMap(expressionsOf)];
}

function timesIn(node: ExpressionNode): string[] {
  if (node.kind !== 'call') {
    return [];
  }
  const [first] = node.arguments;
  return node.function === 'parse_timestamp' && first?.kind === 'column'
    ? [first.name]
    : node.arguments.flatMap(timesIn);
}
