/** Rows of few different values, so that keys meet, groups form and orders tie. */
import fc from 'fast-check';
import type { Row } from '../../pipeline/columns/table.ts';
import { type ColumnType, largestInteger, type Schema, type Value } from '../../pipeline/plan/types.ts';

/** Two tables; their columns differ in name but for `key` and `word`. */
export const sources = {
  left: { key: 'bigint', word: 'text', size: 'double', made: 'timestamp', likes: 'int', seen: 'boolean' },
  right: { key: 'bigint', word: 'text', age: 'bigint', name: 'text', place: 'array<double>' },
} as const satisfies Readonly<Record<string, Schema>>;

const valuesOf: Readonly<Record<ColumnType, readonly Value[]>> = {
  bigint: [0, 1, 2, 17, 20, 30, 51, -1, largestInteger, -largestInteger],
  int: [0, 1, 2, -1, 2_147_483_647],
  double: [0, 0.5, -1.5, 1e300, 5e-324, 1.7976931348623157e308],
  text: ['', ' ', 'a', 'b', 'x"|"y', '🂡', 'ﬀ', 'é'],
  boolean: [true, false],
  timestamp: [0, -1, 1_600_000_000_000, -62_135_596_800_000, 951_782_400_000, 253_402_300_799_000],
  date: [0, -86_400_000, 1_599_955_200_000, -62_135_596_800_000, 253_402_214_400_000],
  'array<double>': [[0, 1], [0, 2], [], [1]],
  'array<text>': [['a', 'b'], ['b'], [], ['']],
};

const value = (type: ColumnType) =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...valuesOf[type]) }, fc.constant(null));

/** A row of a source. */
export const sourceRow = (schema: Schema): fc.Arbitrary<Row> =>
  fc.record(Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, value(type)])));

/**
 * Rows that come, and in one change of four others that leave before: the choices say which of the rows that are there, 0 being
 * one that leaves.
 */
const changeOf = <S extends keyof typeof sources>(source: S) =>
  fc.record({
    source: fc.constant(source),
    come: fc.array(sourceRow(sources[source]), { maxLength: 6 }),
    choices: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 6 }),
    leave: fc.nat({ max: 3 }).map((number) => number === 3),
  });

/** Histories of the sources: rows come, come again, leave and return; at first they only come, in some to the end. */
export const histories = fc.array(fc.oneof(changeOf('left'), changeOf('right')), {
  minLength: 1,
  maxLength: 10,
});
