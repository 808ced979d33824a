import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapAllocator } from '../../../pipeline/columns/allocator.ts';
import { Arena } from '../../../pipeline/columns/arena.ts';
import { columnOf } from '../../../pipeline/columns/column.ts';
import { Evaluator } from '../../../pipeline/columns/evaluate/evaluator.ts';
import { kernels } from '../../../pipeline/columns/evaluate/kernels.ts';
import { rowFunction } from '../../../pipeline/columns/evaluate/row_function.ts';
import { columnarTable, tableOfRows } from '../../../pipeline/columns/table.ts';
import { FilteredDelta, TableDelta } from '../../../pipeline/engines/incremental/delta.ts';
import { blankToNull, column, type ExpressionNode, literal } from '../../../pipeline/plan/expression.ts';
import { type FunctionName, functions } from '../../../pipeline/plan/functions.ts';
import { utcYear } from '../../../pipeline/plan/timestamp.ts';
import type { ColumnType, Value } from '../../../pipeline/plan/types.ts';
import { sourceRow, sources } from '../../support/random_rows.ts';

const earliest = -62_135_596_800_000;
const latest = 253_402_300_799_000;

describe('the year of a time', () => {
  it('is the calendar year in UTC, of the years 1 to 9999', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: earliest, max: latest }),
          fc
            .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: -1000, max: 1000 }))
            .map(([year, off]) => new Date(0).setUTCFullYear(year, 0, 1) + off),
          fc
            .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: -1, max: 1 }))
            .map(([year, off]) => new Date(0).setUTCFullYear(year, 2, 1) + off),
        ),
        (time) => {
          expect(utcYear(time)).toBe(new Date(time).getUTCFullYear());
        },
      ),
      { numRuns: 20_000 },
    );
  });
});

const numbersOf: Readonly<Partial<Record<ColumnType, fc.Arbitrary<Value>>>> = {
  boolean: fc.option(fc.boolean()),
  timestamp: fc.option(fc.integer({ min: earliest, max: latest })),
  double: fc.option(fc.oneof(fc.constantFrom(0, 1, -1), fc.double({ noNaN: true, noDefaultInfinity: true }))),
};

/** The argument types for which a function has a kernel, and its result's type. */
function signatures(name: FunctionName): { types: ColumnType[]; result: ColumnType }[] {
  const types = Object.keys(numbersOf) as ColumnType[];
  return [...types.map((type) => [type]), ...types.map((type) => [type, type])].flatMap((args) => {
    if (!kernels[name]?.takes(args)) {
      return [];
    }
    try {
      return [{ types: args, result: functions[name].type(args) }];
    } catch {
      // The plan does not let these through.
      return [];
    }
  });
}

describe('kernels', () => {
  it.each(Object.keys(kernels) as FunctionName[])('%s means what the plan says', (name) => {
    const all = signatures(name);
    expect(all.length).toBeGreaterThan(0);
    for (const { types } of all) {
      const rows = fc.array(fc.tuple(...types.map((type) => numbersOf[type] ?? expect.fail(type))), {
        maxLength: 20,
      });
      fc.assert(
        fc.property(rows, (values) => {
          const columns = types.map((type, i) =>
            columnOf(
              type,
              values.map((row) => row[i] ?? null),
            ),
          );
          const expected = values.map((row) =>
            functions[name].evaluate(...row.map((value) => value ?? null)),
          );
          expect([...(kernels[name]?.evaluate(heapAllocator, ...columns) ?? [])]).toEqual(expected);
        }),
      );
    }
  });
});

describe('expressions over batches of rows', () => {
  const nodes: Readonly<Record<string, ExpressionNode>> = {
    'of one string': {
      kind: 'call',
      function: 'concat',
      arguments: [column('word', 'text').node, literal('text', 'é').node],
    },
    'of one number': { kind: 'call', function: 'to_text', arguments: [column('age', 'bigint').node] },
    'of two strings': {
      kind: 'call',
      function: 'concat',
      arguments: [column('word', 'text').node, column('name', 'text').node],
    },
    'a literal': literal('text', '🂡').node,
  };

  it.each(Object.entries(nodes))(
    'have the value of each row, and strings of one dictionary: %s',
    (_, node) => {
      fc.assert(
        fc.property(
          fc.array(fc.array(sourceRow(sources.right), { maxLength: 10 }), { maxLength: 4 }),
          (deltas) => {
            const whole = tableOfRows(sources.right, deltas.flat());
            const compiled = new Evaluator(sources.right).compile(node);
            const dictionaries = new Set();
            let from = 0;
            for (const { length } of deltas) {
              const rows = Int32Array.from({ length }, (_row, i) => from + i);
              const values = compiled(new FilteredDelta(new TableDelta(whole, new Arena(), 1), rows));
              const expected = rowFunction(node, whole.columns);
              expect([...values]).toEqual([...rows].map((row) => expected(row)));
              if ('dictionary' in values) {
                dictionaries.add(values.dictionary);
              }
              from += length;
            }
            expect(dictionaries.size).toBeLessThanOrEqual(1);
          },
        ),
      );
    },
  );

  it('are right when there are more different numbers than are cached', () => {
    const ages = Array.from({ length: 10_000 }, (_, i) => (i * 7) % 9001);
    const table = columnarTable({ age: 'bigint' }, { age: columnOf('bigint', ages) });
    const node = nodes['of one number'] ?? expect.fail();
    const values = new Evaluator(table.schema).compile(node)(new TableDelta(table, new Arena(), 1));
    expect([...values]).toEqual(ages.map((age) => functions.to_text.evaluate(age)));
  });

  it('follow a column of strings into another dictionary', () => {
    const compiled = new Evaluator({ word: 'text' }).compile(blankToNull(column('word', 'text')).node);
    const valuesOf = (...words: readonly string[]) => {
      const table = tableOfRows(
        { word: 'text' },
        words.map((word) => ({ word })),
      );
      return [...compiled(new TableDelta(table, new Arena(), 1))];
    };
    expect(valuesOf('a', ' ', 'a')).toEqual(['a', null, 'a']);
    expect(valuesOf(' ', 'b')).toEqual([null, 'b']);
  });
});
