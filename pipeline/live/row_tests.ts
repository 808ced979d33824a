/** Conditions of rows as ranges of numbers, which one loop tests. */
import type { ExpressionNode } from '../plan/expression.ts';
import { type Column, NumberColumn, TextColumn } from '../table/column.ts';
import { ChosenRows, type Delta } from './delta.ts';
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
  const rows = delta.scratch.ints(delta.length);
  let length = delta.length;
  let isWhole = true;
  for (const test of tests) {
    length = chosen(test, test.evaluate(delta), rows, isWhole ? undefined : length);
    isWhole &&= length === delta.length;
  }
  return isWhole ? delta : new ChosenRows(delta, rows.subarray(0, length));
}

/**
 * Keeps of some rows, which are given first, those for which a test holds.
 * @param among how many are given; undefined for all rows of the column
 * @returns how many are left
 */
function chosen(
  { least, most }: RowTest,
  column: Column,
  rows: Int32Array,
  among: number | undefined,
): number {
  const count = among ?? rows.length;
  let length = 0;
  if (column instanceof TextColumn) {
    const { codes } = column;
    for (let i = 0; i < count; i += 1) {
      const row = among === undefined ? i : (rows[i] ?? 0);
      rows[length] = row;
      length += (codes[row] ?? -1) >= 0 ? 1 : 0;
    }
  } else if (column instanceof NumberColumn) {
    const { values } = column;
    for (let i = 0; i < count; i += 1) {
      const row = among === undefined ? i : (rows[i] ?? 0);
      const value = values[row] ?? Number.NaN;
      rows[length] = row;
      length += value >= least && value <= most ? 1 : 0;
    }
  } else {
    for (let i = 0; i < count; i += 1) {
      const row = among === undefined ? i : (rows[i] ?? 0);
      rows[length] = row;
      length += column.elementsAt(row) === undefined ? 0 : 1;
    }
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
  if (condition.function === 'is_known') {
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
