import fc from 'fast-check';
import type { Row } from '../../pipeline/columns/table.ts';
import type { CommitInfo } from '../../pipeline/delta/actions.ts';
import type { DeltaTable } from '../../pipeline/delta/table.ts';
import type { Schema } from '../../pipeline/plan/types.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A column of each type. */
export const everyType = {
  key: 'bigint',
  small: 'int',
  share: 'double',
  name: 'text',
  known: 'boolean',
  at: 'timestamp',
  place: 'array<double>',
} as const satisfies Schema;

const oddStrings = [
  '',
  ' ',
  '\0',
  'null',
  'ﬀ',
  '🂡',
  '"quoted" | \\ \n\r\t',
  'é'.repeat(40),
  '\u{10FFFF}'.repeat(33),
];
const double = fc.double({ noNaN: true }).map((value) => value + 0);
const firstMillisecond = Date.UTC(2001, 0, 1) - 2000 * 365.2425 * 86_400_000;
const lastMillisecond = Date.parse('9999-12-31T23:59:59.999Z');

/** Rows of `everyType`, with nulls, extremes and odd strings. */
export const rowsOfEveryType: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    key: nullable(
      fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER)),
    ),
    small: nullable(fc.oneof(fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))),
    share: nullable(fc.oneof(double, fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE))),
    name: nullable(fc.oneof(fc.constantFrom(...oddStrings), fc.string({ unit: 'binary' }))),
    known: nullable(fc.boolean()),
    at: nullable(
      fc.oneof(
        fc.integer({ min: Math.ceil(firstMillisecond), max: lastMillisecond }),
        fc.constantFrom(Date.parse('0001-01-01T00:00:00Z'), lastMillisecond, 0, -1),
      ),
    ),
    place: nullable(fc.array(double, { maxLength: 4 })),
  }),
  { maxLength: 40 },
);

function nullable<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(values, { nil: null });
}

/** The `commitInfo` of a version. */
export async function commitInfoOf(table: DeltaTable, version: number): Promise<CommitInfo | undefined> {
  for await (const commit of table.history()) {
    if (commit.version === version) {
      return commit.commitInfo;
    }
  }
  return undefined;
}

/** Does work in a new folder, which is removed with the test. */
export function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  return work(temporaryFolder('delta'));
}
