/**
 * The table of aggregates: type rule, meaning in JavaScript and form in Spark SQL side by side.
 * All of them ignore rows where an argument is null, and none depends on the order of rows.
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

/** The state of an aggregate over the rows of a group so far. */
export interface Accumulator {
  /** Adds a row's arguments, none of which is null. */
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
  return (args: readonly ColumnType[]): ColumnType => {
    const [type] = args;
    if (type === undefined || args.length !== 1 || !allowed.includes(type)) {
      throw new PlanError(`${name} takes one column of ${allowed.join(' or ')}, not (${args.join(', ')}).`);
    }
    return result(type);
  };
}

/** The smallest or largest value. `replaces` decides by a new value's order to the best one so far. */
function extreme(replaces: (order: number) => boolean): () => Accumulator {
  return () => {
    let best: Value = null;
    return {
      add: (value) => {
        if (value !== undefined && (best === null || replaces(compareNonNull(value, best)))) {
          best = value;
        }
      },
      value: () => best,
    };
  };
}

/**
 * The mean of the two middle values of sorted numbers, rounded as Spark's `median` does.
 * @returns null for an empty list
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
    type: (args) => {
      if (args.length > 0) {
        throw new PlanError(`count counts rows and takes no column, not (${args.join(', ')}).`);
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
    type: (args) => {
      if (args.length === 0 || args.includes('array<double>')) {
        throw new PlanError(
          `count_distinct takes one or more columns that have an order, not (${args.join(', ')}).`,
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

  /** Null when all values are null or the sum is beyond ±(2⁵³−1). Integers only: a sum of doubles depends on the order of rows. */
  sum: {
    type: onlyOne('sum', ['bigint', 'int'], () => 'bigint'),
    accumulator: () => {
      let sum = 0n;
      let hasValue = false;
      return {
        add: (value) => {
          sum += BigInt(Number(value));
          hasValue = true;
        },
        value: () => (hasValue && Math.abs(Number(sum)) <= largestInteger ? Number(sum) : null),
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

  /** Exact: of an even number of values, the mean of the two in the middle. */
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
