import { type ArrayColumn, NumberColumn, StringColumn } from '../../../columns/column.ts';
import type { ColumnFunction, Evaluator, RowBatch } from '../../../columns/evaluate/evaluator.ts';
import type { Indexes, RowIndex } from '../../../columns/ids.ts';
import type { ExpressionNode } from '../../../plan/expression.ts';
import { conjuncts } from '../../../plan/walk.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** An expression that must not be null and, if it is a number (1 for true), must lie between two bounds, inclusive. */
interface Range<Expression> {
  readonly of: Expression;
  readonly least: number;
  readonly most: number;
}

/** A condition as ranges of expressions, each tested by one loop over a column. */
export class Predicate {
  private readonly ranges: readonly Range<ColumnFunction>[];

  constructor(condition: ExpressionNode, evaluator: Evaluator) {
    const ranges = new Map<string, Range<ExpressionNode>>();
    for (const { of, least, most } of conjuncts(condition).map(rangeOf)) {
      const key = JSON.stringify(of);
      const other = ranges.get(key) ?? { least, most };
      ranges.set(key, { of, least: Math.max(least, other.least), most: Math.min(most, other.most) });
    }
    this.ranges = [...ranges.values()].map((range) => ({ ...range, of: evaluator.compile(range.of) }));
  }

  /** The rows for which the condition is true, ascending. */
  select(batch: RowBatch): Indexes<RowIndex> {
    const passed = batch.memory.ints(batch.length).fill(1);
    for (const { of, least, most } of this.ranges) {
      const column = of(batch);
      if (column instanceof StringColumn) {
        testStrings(column.codes, passed);
      } else if (column instanceof NumberColumn) {
        testNumbers(column.values, least, most, passed);
      } else {
        testArrays(column, passed);
      }
    }
    const rows = batch.memory.ints(batch.length);
    return rows.subarray(0, writeRows(passed, rows));
  }
}

// Each writes 0 for the rows that fail the test.

function testStrings(codes: Int32Array, passed: Int32Array): void {
  for (let row = 0; row < passed.length; row += 1) {
    passed[row] = (passed[row] ?? 0) & ~((codes[row] ?? -1) >> 31);
  }
}

function testNumbers(values: Float64Array, least: number, most: number, passed: Int32Array): void {
  for (let row = 0; row < passed.length; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (!(value >= least && value <= most)) {
      passed[row] = 0;
    }
  }
}

function testArrays(column: ArrayColumn, passed: Int32Array): void {
  for (let row = 0; row < passed.length; row += 1) {
    if (column.elementsAt(row) === undefined) {
      passed[row] = 0;
    }
  }
}

/** Writes the rows that have passed. @returns their number */
function writeRows(passed: Int32Array, rows: Int32Array): number {
  let length = 0;
  for (let row = 0; row < passed.length; row += 1) {
    rows[length] = row;
    length += passed[row] ?? 0;
  }
  return length;
}

/** The expression and the values of it for which a condition is true. */
function rangeOf(condition: ExpressionNode): Range<ExpressionNode> {
  const isTrue = { of: condition, least: 1, most: 1 };
  if (condition.kind !== 'call') {
    return isTrue;
  }
  const [of, limit] = condition.arguments;
  if (of === undefined) {
    return isTrue;
  }
  if (condition.function === 'is_not_null') {
    return { of, least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
  }
  const value = limit?.kind === 'literal' ? limit.value : undefined;
  if (typeof value !== 'number') {
    return isTrue;
  }
  switch (condition.function) {
    case 'equals':
      return { of, least: value, most: value };
    case 'at_least':
      return { of, least: value, most: Number.POSITIVE_INFINITY };
    case 'at_most':
      return { of, least: Number.NEGATIVE_INFINITY, most: value };
    default:
      return isTrue;
  }
}
