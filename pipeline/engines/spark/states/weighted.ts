/** Aggregates over the rows of a state, each of which stands for a number of equal rows. All are exact. */
import type { AggregateName } from '../../../plan/aggregates.ts';

type WeightedForm = (rows: string, ...columns: readonly string[]) => string;

/** By aggregate, its form in Spark SQL over columns and a count of rows. Those that are missing have no state. */
export const weighted: Readonly<Partial<Record<AggregateName, WeightedForm>>> = {
  count: (rows) => `sum(${rows})`,
  count_distinct: (_, ...columns) => `count(DISTINCT ${columns.join(', ')})`,
  sum: (rows, column) => {
    const sum = `sum(CAST(${column} AS DECIMAL(38, 0)) * ${rows})`;
    return `CASE WHEN abs(${sum}) <= 9007199254740991 THEN CAST(${sum} AS BIGINT) END`;
  },
  min: (_, column) => `min(${column})`,
  max: (_, column) => `max(${column})`,
  median: (rows, column) => `percentile(${column}, 0.5, ${rows})`,
};
