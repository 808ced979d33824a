/**
 * The table of window functions: type rule, meaning in JavaScript and form in Spark SQL side by side.
 * A window sees the rows of one partition. Those that depend on the place of a row see them in an order without ties.
 */
import { exact, sqlExact } from './functions/rules.ts';
import { type ColumnType, orderedTypes, PlanError, type Value } from './types.ts';

/** The rows of a partition in their order. */
export interface Partition {
  readonly length: number;
  /** Tells if a row and the one before it are equal in the columns of the order that the window names. */
  readonly isTie: (row: number) => boolean;
}

/**
 * The rows that a function depends on: those of the partition in any order; in the order named, ties being equal; in an
 * order without ties; the same up to the current row.
 */
export type WindowScope = 'partition' | 'order' | 'rows' | 'rows so far';

export interface WindowFunction {
  /** The type of the result. @throws PlanError when the arguments do not fit. */
  readonly type: (parameters: readonly ColumnType[]) => ColumnType;
  readonly scope: WindowScope;
  /** The value of each row of a partition. @param column the argument by row @param offset a number of rows */
  readonly values: (partition: Partition, column: readonly Value[], offset: number) => readonly Value[];
  /** @param over the OVER clause of the scope */
  readonly spark: (over: string, column: string, offset: number) => string;
}

function noColumn(name: string) {
  return (args: readonly ColumnType[]): ColumnType => {
    if (args.length > 0) {
      throw new PlanError(`${name} takes no column, not (${args.join(', ')}).`);
    }
    return 'int';
  };
}

function oneColumn(name: string, allowed: readonly ColumnType[], result: (type: ColumnType) => ColumnType) {
  return (args: readonly ColumnType[]): ColumnType => {
    const [type] = args;
    if (type === undefined || args.length !== 1 || !allowed.includes(type)) {
      throw new PlanError(`${name} takes one column of ${allowed.join(' or ')}, not (${args.join(', ')}).`);
    }
    return result(type);
  };
}

/** Integers alone: Spark's form of an exact sum of doubles folds all values of a group, which would happen again at each row. */
function integers(name: string, result: ColumnType, remedy: string) {
  const check = oneColumn(name, ['bigint', 'int'], () => result);
  return (args: readonly ColumnType[]): ColumnType => {
    if (args.length === 1 && args[0] === 'double') {
      throw new PlanError(`${name} takes a column of integers, not of double: ${remedy}.`);
    }
    return check(args);
  };
}

/** The sums of all values up to each row, null while all are null or where the sum is beyond ±(2⁵³−1). */
function sumsOf(column: readonly Value[]): readonly (number | null)[] {
  let sum: bigint | undefined;
  return column.map((value) => {
    if (value !== null) {
      sum = (sum ?? 0n) + BigInt(Number(value));
    }
    return sum === undefined ? null : exact(Number(sum));
  });
}

/** A sum over a window cannot overflow as a decimal of 38 digits. */
const sqlSum = (column: string, over: string) =>
  `CAST(${sqlExact(`sum(CAST(${column} AS DECIMAL(38, 0))) ${over}`)} AS BIGINT)`;

const rowsOf = ({ length }: Partition) => Array.from({ length }, (_, row) => row);

export const windows = {
  row_number: {
    type: noColumn('rowNumber'),
    scope: 'rows',
    values: (partition) => rowsOf(partition).map((row) => row + 1),
    spark: (over) => `row_number() ${over}`,
  },

  /** Rows that tie share the lowest of their places. */
  rank: {
    type: noColumn('rank'),
    scope: 'order',
    values: (partition) => {
      let first = 0;
      return rowsOf(partition).map((row) => {
        first = row > 0 && partition.isTie(row) ? first : row;
        return first + 1;
      });
    },
    spark: (over) => `rank() ${over}`,
  },

  lag: {
    type: oneColumn('lag', orderedTypes, (type) => type),
    scope: 'rows',
    values: (_, column, offset) => column.map((_, row) => column[row - offset] ?? null),
    spark: (over, column, offset) => `lag(${column}, ${offset}) ${over}`,
  },

  lead: {
    type: oneColumn('lead', orderedTypes, (type) => type),
    scope: 'rows',
    values: (_, column, offset) => column.map((_, row) => column[row + offset] ?? null),
    spark: (over, column, offset) => `lead(${column}, ${offset}) ${over}`,
  },

  running_sum: {
    type: integers(
      'runningSum',
      'bigint',
      'make integers of them with toBigint, after multiply for a fraction',
    ),
    scope: 'rows so far',
    values: (_, column) => sumsOf(column),
    spark: (over, column) => sqlSum(column, over),
  },

  /** The value divided by the sum of its partition; null where the sum is 0, or beyond ±(2⁵³−1). */
  share_of: {
    type: integers('shareOf', 'double', 'join the sum of a groupBy to the rows, and divide by it'),
    scope: 'partition',
    values: (_, column) => {
      const total = sumsOf(column).at(-1) ?? null;
      return column.map((value) =>
        value === null || total === null || total === 0 ? null : Number(value) / total + 0,
      );
    },
    spark: (over, column) =>
      `(try_divide(CAST(${column} AS DOUBLE), CAST(${sqlSum(column, over)} AS DOUBLE)) + 0.0D)`,
  },
} satisfies Record<string, WindowFunction>;

export type WindowName = keyof typeof windows;
