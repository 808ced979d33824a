import { describe, expect, it } from 'vitest';
import { ProviderTypes } from '../../infra/tools/graph/provider_types.ts';
import type { Graph } from '../../infra/tools/graph/record.ts';
import { definitionsOf, graphOfStack } from '../../infra/tools/graph/stack_graph.ts';
import { differenceOf } from '../../infra/tools/preview/difference.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import type { Query } from '../../pipeline/plan/query.ts';
import type { Schema } from '../../pipeline/plan/types.ts';
import { queries } from '../../queries/index.ts';
import { infraFolder } from './stacks.ts';

/** The graph of prod with other definitions. */
function graphWith(used: readonly Query[], taken: readonly Dataset[] = datasets): Promise<Graph> {
  return graphOfStack(infraFolder, 'prod', {}, definitionsOf(taken, used));
}

/** One query with another answer: its schema, and its chart where that shows a column that is gone. */
function withAnswer(change: (query: Query) => Pick<Query, 'schema' | 'chart'>): readonly Query[] {
  return queries.map((query) =>
    query.name === 'median_followers_by_join_year_and_age_group' ? { ...query, ...change(query) } : query,
  );
}

function without(column: string, { [column]: _, ...others }: Schema): Schema {
  return others;
}

const types = new ProviderTypes();

describe('a changed answer', () => {
  // The catalog's tables are made by the batch, which tells the catalog of their columns: none is declared.
  it.each<[string, (query: Query) => Pick<Query, 'schema' | 'chart'>]>([
    ['with a column more', ({ schema, chart }) => ({ chart, schema: { ...schema, share: 'double' } })],
    [
      'with a column less',
      ({ schema }) => ({
        chart: { kind: 'bars', category: 'join_year', value: 'median_follower_count' },
        schema: without('age_group', schema),
      }),
    ],
    [
      'whose column has another name',
      ({ schema }) => ({
        chart: { kind: 'bars', category: 'join_year', value: 'median' },
        schema: { ...without('median_follower_count', schema), median: 'double' },
      }),
    ],
    [
      'whose column has another type',
      ({ schema, chart }) => ({ chart, schema: { ...schema, median_follower_count: 'bigint' } }),
    ],
  ])('%s changes the dashboard at most, in place', async (what, change) => {
    const { created, deleted, changed } = differenceOf(
      await graphWith(queries),
      await graphWith(withAnswer(change)),
      types,
    );
    expect([created, deleted]).toEqual([[], []]);
    // The dashboard asks for columns by name: another type changes nothing that is declared.
    expect(changed.map(({ node }) => node.name)).toEqual(what.includes('type') ? [] : ['databricks-answers']);
    for (const { node, replaced } of changed) {
      expect(node.type).toMatch(/:(Dashboard|Notebook)$/);
      expect(replaced).toBe(false);
    }
  });

  it.each<[string, readonly Query[], readonly string[]]>([
    [
      'that is removed',
      queries.slice(1),
      // The stream keeps states of what is asked, and is started again with others.
      ['databricks-jobs-streaming', 'databricks-notebooks-pinterest_streaming_data'],
    ],
    [
      'that is renamed',
      queries.map((query, index) => (index === 0 ? { ...query, name: 'another_name' } : query)),
      [],
    ],
  ])('%s changes dashboard and notebooks, and nothing is replaced or deleted', async (_, used, ofStream) => {
    const { created, deleted, changed } = differenceOf(
      await graphWith(queries),
      await graphWith(used),
      types,
    );
    expect([created, deleted]).toEqual([[], []]);
    const notebooks = ['batch_data', 'live_views', 'maintenance'];
    expect(changed.map(({ node }) => node.name).sort()).toEqual(
      [
        'databricks-answers',
        ...notebooks.map((name) => `databricks-notebooks-pinterest_${name}`),
        ...ofStream,
      ].sort(),
    );
    expect(changed.filter(({ replaced }) => replaced)).toEqual([]);
  });
});

describe('a dataset that is added', () => {
  it('makes a topic and a stream, and replaces nothing of the others', async () => {
    const [first] = datasets;
    const more = first === undefined ? [] : [...datasets, { ...first, name: 'board' }];
    const { created, deleted, changed } = differenceOf(
      await graphWith(queries),
      await graphWith(queries, more),
      types,
    );
    expect(deleted).toEqual([]);
    expect(created.map(({ name }) => name).sort()).toEqual([
      'kafka-board',
      'streams-streaming-board',
      'watch-stream-streaming-board',
    ]);
    const replaced = changed.filter((one) => one.replaced).map(({ node }) => node.name);
    // A new deployment of the API, which is made before the old one goes.
    expect(replaced).toEqual(['api']);
    expect(changed.map(({ node }) => node.name)).toContain('databricks-jobs-streaming');
  });
});
