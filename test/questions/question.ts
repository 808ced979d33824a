import type { Query } from '../../pipeline/plan/query.ts';

/** A question that a user would ask of this data, as a query and as SQL for DuckDB, an engine that shares nothing with ours. */
export interface Question {
  readonly query: Query;
  /** Over the cleaned tables `pin`, `geo` and `user`, with columns and rows in the query's order. */
  readonly duckdb: string;
}
