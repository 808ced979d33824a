/** A SELECT of a query, as its clauses. */
import { identifier } from './quoting.ts';

/** The clauses of a SELECT, in the order in which SQL runs them. */
export const clauses = ['from', 'where', 'select', 'distinct', 'order'] as const;

export type Clause = (typeof clauses)[number];

export interface OutputColumn {
  readonly name: string;
  /** A complete SQL expression over the columns of FROM. */
  readonly sql: string;
}

export interface Block {
  /** A name for a common table expression that says what the rows are. */
  readonly holds: string;
  /** The last clause that is filled. Clauses that SQL runs before it can no longer be added. */
  readonly upTo: Clause;
  /** Lines of the FROM clause, without the word. */
  readonly from: readonly string[];
  readonly where: readonly string[];
  readonly columns: readonly OutputColumn[];
  readonly distinct: boolean;
  readonly groupBy: readonly string[];
  readonly orderBy: readonly string[];
  readonly limit?: number;
}

/** All columns of a relation under their own names. */
export function everyColumn(schema: object): readonly OutputColumn[] {
  return Object.keys(schema).map((name) => ({ name, sql: identifier(name) }));
}

/** Prints a SELECT with each clause and each column on its own line. */
export function printBlock(block: Block): string {
  return [
    block.distinct ? 'SELECT DISTINCT' : 'SELECT',
    commaSeparated(block.columns.map(printColumn)),
    ...block.from.map((line, index) => (index === 0 ? `FROM ${line}` : line)),
    ...block.where.map((condition, index) => `${index === 0 ? 'WHERE' : '  AND'} ${condition}`),
    ...(block.groupBy.length > 0 ? ['GROUP BY', commaSeparated(block.groupBy)] : []),
    ...(block.orderBy.length > 0 ? ['ORDER BY', commaSeparated(block.orderBy)] : []),
    ...(block.limit === undefined ? [] : [`LIMIT ${block.limit}`]),
  ].join('\n');
}

/** Indents every line by two spaces. Literals hold no line ends, which are escaped, so this changes no value. */
export function indented(sql: string): string {
  return sql.replace(/^/gm, '  ');
}

function commaSeparated(items: readonly string[]): string {
  return items.map(indented).join(',\n');
}

function printColumn({ name, sql }: OutputColumn): string {
  const quoted = identifier(name);
  return sql === quoted ? quoted : `${sql} AS ${quoted}`;
}
