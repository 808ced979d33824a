/** Conditions of rows as ranges of numbers, which one loop tests. */

import { type ArrayColumn, type Column, NumberColumn, StringColumn } from '../../columns/column.ts';
import type { ExpressionNode } from '../../plan/expression.ts';
import { type Delta, FilteredDelta } from './delta.ts';
import type { Evaluator } from './evaluator.ts';

/** An expression that must be known, and where it is a number (1 for true), from one up to another. */
export interface RowTest {
  readonly evaluate: (delta: Delta) => Column;
  readonly least: number;
  readonly most: number;
}

type Range = { readonly of: ExpressionNode; readonly least: number; readonly most: number };

/** What must hold of each row for which a condition is true. */
export function rowTests(condition: ExpressionNode, evaluator: Evaluator): readonly RowTest[] {
  const ranges = new Map<string, Range>();
  for (const range of conjuncts(condition).map(rangeOf)) {
    const key = JSON.stringify(range.of);
    const { least, most } = ranges.get(key) ?? range;
    ranges.set(key, { of: range.of, least: Math.max(least, range.least), most: Math.min(most, range.most) });
  }
  return [...ranges.values()].map(({ of, least, most }) => ({
    evaluate: evaluator.compile(of),
    least,
    most,
  }));
}

/** The rows for which all tests hold. */
export function where(delta: Delta, tests: readonly RowTest[]): Delta {
  const passed = delta.scratch.ints(delta.length).fill(1);
  for (const { evaluate, least, most } of tests) {
    const column = evaluate(delta);
    if (column instanceof StringColumn) testKnown(column.codes, passed);
    else if (column instanceof NumberColumn) testRange(column.values, least, most, passed);
    else testArrays(column, passed);
  }
  const rows = delta.scratch.ints(delta.length);
  const length = numbersOf(passed, rows);
  return length === delta.length ? delta : new FilteredDelta(delta, rows.subarray(0, length));
}

// Each sets to 0 what does not hold of a row.

function testKnown(codes: Int32Array, passed: Int32Array): void {
  for (let row = 0; row < passed.length; row += 1) {
    passed[row] = (passed[row] ?? 0) & ~((codes[row] ?? -1) >> 31);
  }
}

function testRange(values: Float64Array, least: number, most: number, passed: Int32Array): void {
  for (let row = 0; row < passed.length; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (!(value >= least && value <= most)) passed[row] = 0;
  }
}

function testArrays(column: ArrayColumn, passed: Int32Array): void {
  for (let row = 0; row < passed.length; row += 1) {
    if (column.elementsAt(row) === undefined) passed[row] = 0;
  }
}

/** Writes the numbers of the rows that have passed, and gives how many these are. */
function numbersOf(passed: Int32Array, rows: Int32Array): number {
  let length = 0;
  for (let row = 0; row < passed.length; row += 1) {
    rows[length] = row;
    length += passed[row] ?? 0;
  }
  return length;
}

/** The conditions that must all be true. */
function conjuncts(condition: ExpressionNode): readonly ExpressionNode[] {
  return condition.kind === 'call' && condition.function === 'and'
    ? condition.arguments.flatMap(conjuncts)
    : [condition];
}

/** For which values of which expression a condition is true. */
function rangeOf(condition: ExpressionNode): Range {
  const isTrue = { of: condition, least: 1, most: 1 };
  if (condition.kind !== 'call') return isTrue;
  const [of, limit] = condition.arguments;
  if (of === undefined) return isTrue;
  if (condition.function === 'is_not_null') {
    return { of, least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
  }
  const value = limit?.kind === 'literal' ? limit.value : undefined;
  if (typeof value !== 'number') return isTrue;
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
