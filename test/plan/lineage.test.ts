import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatePost } from '../../emulator/generator.ts';
import { type ColumnarTable, type Row, rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { datasets, geo, pin, user } from '../../pipeline/datasets/index.ts';
import { runPlan } from '../../pipeline/engines/arquero/run_plan.ts';
import { count } from '../../pipeline/plan/expressions/aggregates.ts';
import { columnsMovedBy, type Lineage, lineageOf, type SourceColumn } from '../../pipeline/plan/lineage.ts';
import type { RelationNode } from '../../pipeline/plan/relation.ts';
import { Table } from '../../pipeline/plan/table.ts';
import type { Schema } from '../../pipeline/plan/types.ts';
import { queries } from '../../queries/index.ts';
import { topUserByCountry } from '../../queries/top_user_by_country.ts';
import { cleanLines } from '../oracle/oracle.ts';
import { plansOver } from '../support/random_plans.ts';
import { sourceRow, sources } from '../support/random_rows.ts';

type Tables = Readonly<Record<string, readonly Row[]>>;

const left = Table.source<Schema>('left', sources.left);
const right = Table.source<Schema>('right', sources.right);

/** A lineage as plain data: columns by name, sorted. */
function plain({ values, rows, sorted }: Lineage) {
  const names = (columns: Iterable<string>) => [...columns].sort().join(' ');
  return {
    values: Object.fromEntries([...values].map(([name, columns]) => [name, names(columns)])),
    rows: Object.fromEntries([...rows].map(([column, roles]) => [column, names(roles)])),
    sorted: names(sorted),
  };
}

/** The rows of an answer in some of its columns, each as JSON, sorted. */
function answer(
  plan: RelationNode,
  tables: Tables,
  schemas: Readonly<Record<string, Schema>>,
  columns: readonly string[],
) {
  const typed = Object.entries(schemas).map(([name, schema]): [string, ColumnarTable] => [
    name,
    tableOfRows(schema, [...(tables[name] ?? [])]),
  ]);
  const rows = rowsOf(runPlan(plan, Object.fromEntries(typed)));
  return rows.map((row) => JSON.stringify(columns.map((name) => row[name]))).sort();
}

/** The tables with other values in one column. */
function replaced(tables: Tables, source: string, column: string, values: readonly Row[]): Tables {
  const rows = (tables[source] ?? []).map((row, i) => ({
    ...row,
    [column]: values[i % values.length]?.[column] ?? null,
  }));
  return { ...tables, [source]: rows };
}

describe('the lineage of a plan', () => {
  it('names the columns that values are computed from, and those that decide which rows there are', () => {
    expect(plain(lineageOf(topUserByCountry.plan))).toEqual({
      values: {
        country: 'geo.country',
        poster_name: 'pin.poster_name',
        follower_count: 'pin.follower_count',
      },
      rows: {
        'pin.ind': 'join',
        'geo.ind': 'join',
        'geo.country': 'condition group',
        'pin.follower_count': 'condition order',
        'pin.poster_name': 'condition group order',
      },
      sorted: 'geo.country',
    });
  });

  it('forgets columns that are dropped, unless rows were told apart by them', () => {
    const left = Table.source('left', sources.left);
    const { word } = left.columns;
    expect(plain(lineageOf(left.select(() => ({ word })).node)).rows).toEqual({});
    expect(
      plain(
        lineageOf(
          left
            .select(({ word, likes }) => ({ word, likes }))
            .distinct()
            .select(() => ({ word })).node,
        ),
      ).rows,
    ).toEqual({
      'left.word': 'distinct',
      'left.likes': 'distinct',
    });
  });

  it('counts without values of their own', () => {
    const left = Table.source('left', sources.left);
    const counted = left.groupBy('word').aggregate(() => ({ posts: count() }));
    expect(plain(lineageOf(counted.node))).toEqual({
      values: { word: 'left.word', posts: '' },
      rows: { 'left.word': 'group' },
      sorted: '',
    });
    expect(columnsMovedBy(lineageOf(counted.node), 'left.likes')).toEqual([]);
    expect(columnsMovedBy(lineageOf(counted.node), 'left.word')).toEqual(['word', 'posts']);
  });

  it('leaves out nothing that moves, whatever the plan', () => {
    const rows = fc.record({
      left: fc.array(sourceRow(sources.left), { minLength: 1, maxLength: 8 }),
      right: fc.array(sourceRow(sources.right), { minLength: 1, maxLength: 8 }),
    });
    const columns = Object.entries(sources).flatMap(([source, schema]) =>
      Object.keys(schema).map((column) => ({ source, column })),
    );
    fc.assert(
      fc.property(
        plansOver(left, right),
        rows,
        rows,
        fc.constantFrom(...columns),
        ({ node }, tables, others, changed) => {
          const { source, column } = changed;
          const lineage = lineageOf(node);
          fc.pre(!lineage.rows.has(`${source}.${column}`));
          const moved = columnsMovedBy(lineage, `${source}.${column}`);
          const unmoved = Object.keys(node.schema).filter((name) => !moved.includes(name));
          const before = answer(node, tables, sources, unmoved);
          const perturbed = replaced(tables, source, column, source === 'left' ? others.left : others.right);
          expect(answer(node, perturbed, sources, unmoved)).toEqual(before);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the lineage of the nine answers', () => {
  const schemas = { pin: pin.table.schema, geo: geo.table.schema, user: user.table.schema };
  const silverOf = (first: number) =>
    cleanLines(
      Object.fromEntries(
        datasets.map(({ name }) => [
          name,
          Array.from({ length: 200 }, (_, i) => JSON.stringify({ ...generatePost(first + i, 3) }[name])),
        ]),
      ),
    ).silver as Tables;

  it('moves nothing outside of it, and something by every column in it', () => {
    const tables = silverOf(0);
    const others = silverOf(5000);
    for (const { name, plan } of queries) {
      const lineage = lineageOf(plan);
      const all = Object.keys(plan.schema);
      for (const [source, schema] of Object.entries(schemas)) {
        for (const column of Object.keys(schema)) {
          const id: SourceColumn = `${source}.${column}`;
          const moved = columnsMovedBy(lineage, id);
          const unmoved = all.filter((each) => !moved.includes(each));
          const changed = [others[source] ?? [], [{ [column]: null }]].map((values) =>
            replaced(tables, source, column, values),
          );
          const same = (columns: readonly string[]) =>
            changed.every((perturbed) =>
              isDeepStrictEqual(
                answer(plan, perturbed, schemas, columns),
                answer(plan, tables, schemas, columns),
              ),
            );
          expect(lineage.rows.has(id) || same(unmoved), `${name} without ${id}`).toBe(true);
          expect(moved.length === 0 || !same(all), `${name} by ${id}`).toBe(true);
        }
      }
    }
  });
});
