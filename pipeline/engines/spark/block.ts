/** One SELECT of a query, as its clauses. */
import { identifier } from './quoting.ts';

/** The clauses of a SELECT, in the order in which SQL runs them. */
export const clauses = ['from', 'where', 'select', 'distinct', 'order'] as const;

export type Clause = (typeof clauses)[number];

export interface OutputColumn {
  readonly name: string;
  /** A complete SQL expression over the columns that FROM gives. */
  readonly sql: string;
}

export interface Block {
  /** What the rows are, in words that fit a common table expression's name. */
  readonly holds: string;
  /** The last clause that is filled; what SQL runs before it cannot be added any more. */
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

/** Prints the SELECT, one clause or column a line. */
export function printBlock(block: Block): string {
  return [
    block.distinct ? 'SELECT DISTINCT' : 'SELECT',
    listed(block.columns.map(printColumn)),
    ...block.from.map((line, at) => (at === 0 ? `FROM ${line}` : line)),
    ...block.where.map((condition, at) => `${at === 0 ? 'WHERE' : '  AND'} ${condition}`),
    ...(block.groupBy.length > 0 ? ['GROUP BY', listed(block.groupBy)] : []),
    ...(block.orderBy.length > 0 ? ['ORDER BY', listed(block.orderBy)] : []),
    ...(block.limit === undefined ? [] : [`LIMIT ${block.limit}`]),
  ].join('\n');
}

/** Indents every line by two spaces; a line end inside a literal is always escaped, so this changes no value. */
export function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function listed(items: readonly string[]): string {
  return items.map(indented).join(',\n');
}

function printColumn({ name, sql }: OutputColumn): string {
  const quoted = identifier(name);
  return sql === quoted ? quoted : `${sql} AS ${quoted}`;
}
