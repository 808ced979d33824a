/**
 * The table of aggregates: type rule, meaning in JavaScript and form in Spark SQL side by side.
 * All of them ignore rows where an argument is null, and none depends on the order of rows.
 */
import { ExactSum, exactSumSql } from './exact_sum.ts';
import { exact } from './functions/rules.ts';
import { compareNonNull } from './order.ts';
import { type ColumnType, type NonNullValue, orderedTypes, PlanError, type Value } from './types.ts';

/** The state of an aggregate over the rows of a group so far. */
export interface Accumulator {
  /** Adds a row's arguments, none of which is null. */
  add(...values: readonly NonNullValue[]): void;
  value(): Value;
}

export interface AggregateFunction {
  /** The type of the result. @throws PlanError when the arguments do not fit. */
  readonly type: (parameters: readonly ColumnType[]) => ColumnType;
  /** @param fraction of the values, for a percentile */
  readonly accumulator: (fraction?: number) => Accumulator;
  /** Takes the columns, and then the fraction where there is one. */
  readonly spark: (...operands: readonly string[]) => string;
  /** True when the aggregate takes a fraction beside its columns. */
  readonly takesFraction?: true;
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

function isOrdered(type: ColumnType): boolean {
  return orderedTypes.some((ordered) => ordered === type);
}

/** The value of the row that has the smallest or largest of another value; of those that tie, the smallest or largest value. */
function extremeBy(
  name: string,
  function_: 'min' | 'max',
  replaces: (order: number) => boolean,
): AggregateFunction {
  return {
    type: (args) => {
      const [value] = args;
      if (value === undefined || args.length !== 2 || !args.every(isOrdered)) {
        throw new PlanError(`${name} takes two columns that have an order, not (${args.join(', ')}).`);
      }
      return value;
    },
    accumulator: () => {
      let best: Value = null;
      let bestBy: Value = null;
      return {
        add: (value, by) => {
          const order = bestBy === null ? null : compareNonNull(by ?? null, bestBy);
          const isBetter =
            order === null || replaces(order === 0 ? compareNonNull(value ?? null, best) : order);
          if (value !== undefined && by !== undefined && isBetter) {
            [best, bestBy] = [value, by];
          }
        },
        value: () => best,
      };
    },
    // Not max_by of Spark, which leaves ties to chance.
    spark: (value, by) =>
      `(${function_}(named_struct('by', ${by}, 'value', ${value})) FILTER (WHERE ${by} IS NOT NULL AND ${value} IS NOT NULL)).value`,
  };
}

/** The sum of integers, which may be larger than a number holds exactly. */
function integers() {
  let sum = 0n;
  let values = 0;
  return {
    add: (value: NonNullValue | undefined) => {
      sum += BigInt(Number(value));
      values += 1;
    },
    /** The sum rounded to a double, null without a value. */
    sum: () => (values === 0 ? null : Number(sum)),
    mean: () => meanOf(Number(sum), values),
  };
}

const integerSumSql = (column: string) => `sum(CAST(${column} AS DECIMAL(38, 0)))`;

/**
 * The value at a position among sorted values, of which the two around it are given: on the line between them, calculated as
 * Spark's `percentile` does. The median is the one of an even number of values at half.
 */
export function interpolated(position: number, below: number, above: number): number {
  const [floor, ceil] = [Math.floor(position), Math.ceil(position)];
  // Half of the smallest double is 0.
  return floor === ceil || below === above ? below : (ceil - position) * below + (position - floor) * above;
}

/** @returns null for an empty list */
export function percentileOfSorted(sorted: Float64Array, fraction: number): number | null {
  const position = (sorted.length - 1) * fraction;
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  return below === undefined || above === undefined ? null : interpolated(position, below, above);
}

const numeric: readonly ColumnType[] = ['bigint', 'int', 'double'];

/** @param sum null without values, or where it is no double */
export function meanOf(sum: number | null, values: number): number | null {
  return sum === null || values === 0 ? null : sum / values + 0;
}

function percentile(fraction: number): Accumulator {
  const values: number[] = [];
  return {
    add: (value) => values.push(Number(value)),
    value: () => percentileOfSorted(Float64Array.from(values).sort(), fraction),
  };
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
      if (args.length === 0 || !args.every(isOrdered)) {
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

  /** The number of rows where the condition is true. */
  count_if: {
    type: onlyOne('count_if', ['boolean'], () => 'bigint'),
    accumulator: () => {
      let rows = 0;
      return { add: (condition) => (rows += condition === true ? 1 : 0), value: () => rows };
    },
    spark: (condition) => `count_if(${condition})`,
  },

  /** Null when all values are null or the sum is beyond ±(2⁵³−1). */
  sum: {
    type: onlyOne('sum', ['bigint', 'int'], () => 'bigint'),
    accumulator: () => {
      const { add, sum } = integers();
      return { add, value: () => exact(sum() ?? Number.NaN) };
    },
    spark: (column = '') => {
      const sum = integerSumSql(column);
      return `CASE WHEN abs(${sum}) <= 9007199254740991 THEN CAST(${sum} AS BIGINT) END`;
    },
  },

  /** Null when all values are null or the sum is beyond the largest double. */
  sum_doubles: {
    type: onlyOne('sum_doubles', ['double'], () => 'double'),
    accumulator: () => {
      let sum: ExactSum | undefined;
      return {
        add: (value) => {
          sum ??= new ExactSum();
          sum.add(Number(value));
        },
        value: () => sum?.value() ?? null,
      };
    },
    spark: (column = '') => exactSumSql(column),
  },

  /** The exact sum, rounded to a double, divided by the number of values. */
  avg: {
    type: onlyOne('avg', ['bigint', 'int'], () => 'double'),
    accumulator: () => {
      const { add, mean } = integers();
      return { add, value: mean };
    },
    spark: (column = '') => `try_divide(CAST(${integerSumSql(column)} AS DOUBLE), count(${column}))`,
  },

  /** The sum of the doubles divided by their number. */
  avg_doubles: {
    type: onlyOne('avg_doubles', ['double'], () => 'double'),
    accumulator: () => {
      const sum = new ExactSum();
      let values = 0;
      return {
        add: (value) => {
          sum.add(Number(value));
          values += 1;
        },
        value: () => meanOf(sum.value(), values),
      };
    },
    spark: (column = '') => `(try_divide(${exactSumSql(column)}, count(${column})) + 0.0D)`,
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

  min_by: extremeBy('min_by', 'min', (order) => order < 0),

  max_by: extremeBy('max_by', 'max', (order) => order > 0),

  /** Exact: of an even number of values, the mean of the two in the middle. */
  median: {
    type: onlyOne('median', numeric, () => 'double'),
    accumulator: () => percentile(0.5),
    spark: (column) => `median(${column})`,
  },

  /** The value that a fraction of the values lie below, between two neighbours on the line from one to the other. */
  percentile: {
    type: onlyOne('percentile', numeric, () => 'double'),
    accumulator: (fraction = 0) => percentile(fraction),
    spark: (column, fraction) => `percentile(${column}, ${fraction})`,
    takesFraction: true,
  },
} satisfies Record<string, AggregateFunction>;

export type AggregateName = keyof typeof aggregates;
