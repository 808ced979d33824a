/**
 * The table of aggregates: type rule, meaning in JavaScript and form in Spark SQL side by side.
 * All of them pass over rows where an argument is null, and none depends on the order of rows.
 */
import { compareNonNull } from './order.ts';
import {
  type ColumnType,
  largestInteger,
  type NonNullValue,
  orderedTypes,
  PlanError,
  type Value,
} from './types.ts';

/** What has been gathered from a group's rows so far. */
export interface Accumulator {
  /** Takes a row's arguments, none of which is null. */
  add(...values: readonly NonNullValue[]): void;
  value(): Value;
}

export interface AggregateFunction {
  /** The type of the result. @throws PlanError when the arguments do not fit. */
  readonly type: (parameters: readonly ColumnType[]) => ColumnType;
  readonly accumulator: () => Accumulator;
  readonly spark: (...operands: readonly string[]) => string;
}

function onlyOne(name: string, allowed: readonly ColumnType[], result: (type: ColumnType) => ColumnType) {
  return (given: readonly ColumnType[]): ColumnType => {
    const [type] = given;
    if (type === undefined || given.length !== 1 || !allowed.includes(type)) {
      throw new PlanError(`${name} takes one column of ${allowed.join(' or ')}, not (${given.join(', ')}).`);
    }
    return result(type);
  };
}

/** The smallest or largest: `keep` says whether a new value takes the old one's place. */
function extreme(keep: (order: number) => boolean): () => Accumulator {
  return () => {
    let best: Value = null;
    return {
      add: (value) => {
        if (value !== undefined && (best === null || keep(compareNonNull(value, best)))) {
          best = value;
        }
      },
      value: () => best,
    };
  };
}

/**
 * The mean of the two middle values of sorted numbers, in the one rounding that Spark's `median` does.
 * @returns null of an empty list
 */
export function medianOfSorted(sorted: {
  readonly length: number;
  readonly [index: number]: number;
}): number | null {
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  if (low === undefined || high === undefined) {
    return null;
  }
  // Half of the smallest double is 0.
  return low === high ? low : low * 0.5 + high * 0.5;
}

export const aggregates = {
  count: {
    type: (given) => {
      if (given.length > 0) {
        throw new PlanError(`count counts rows and takes no column, not (${given.join(', ')}).`);
      }
      return 'bigint';
    },
    accumulator: () => {
      let rows = 0;
      return { add: () => (rows += 1), value: () => rows };
    },
    spark: () => 'count(*)',
  },

  count_distinct: {
    type: (given) => {
      if (given.length === 0 || given.includes('array<double>')) {
        throw new PlanError(
          `count_distinct takes one or more columns that have an order, not (${given.join(', ')}).`,
        );
      }
      return 'bigint';
    },
    accumulator: () => {
      const seen = new Set<string>();
      return { add: (...values) => seen.add(JSON.stringify(values)), value: () => seen.size };
    },
    spark: (...columns) => `count(DISTINCT ${columns.join(', ')})`,
  },

  /** Null when no value is known, or when the sum is beyond ±(2⁵³−1). Of integers only: a sum of doubles depends on the order of rows. */
  sum: {
    type: onlyOne('sum', ['bigint', 'int'], () => 'bigint'),
    accumulator: () => {
      let sum = 0n;
      let known = false;
      return {
        add: (value) => {
          sum += BigInt(Number(value));
          known = true;
        },
        value: () => (known && Math.abs(Number(sum)) <= largestInteger ? Number(sum) : null),
      };
    },
    spark: (column) => {
      const sum = `sum(CAST(${column} AS DECIMAL(38, 0)))`;
      return `CASE WHEN abs(${sum}) <= 9007199254740991 THEN CAST(${sum} AS BIGINT) END`;
    },
  },

  min: {
    type: onlyOne('min', orderedTypes, (type) => type),
    accumulator: extreme((order) => order < 0),
    spark: (column) => `min(${column})`,
  },

  max: {
    type: onlyOne('max', orderedTypes, (type) => type),
    accumulator: extreme((order) => order > 0),
    spark: (column) => `max(${column})`,
  },

  /** Exact: the mean of the two middle values of an even group. */
  median: {
    type: onlyOne('median', ['bigint', 'int', 'double'], () => 'double'),
    accumulator: () => {
      const values: number[] = [];
      return {
        add: (value) => values.push(Number(value)),
        value: () => medianOfSorted(Float64Array.from(values).sort()),
      };
    },
    spark: (column) => `median(${column})`,
  },
} satisfies Record<string, AggregateFunction>;

export type AggregateName = keyof typeof aggregates;
