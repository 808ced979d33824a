/** The program with other definitions, as a pull request would bring them; CHANGE names the changes. */
import * as pulumi from '@pulumi/pulumi';
import { configurationOfStack } from '../../../infra/configuration/from_pulumi.ts';
import { pipeline } from '../../../infra/program.ts';
import { openApiDocument } from '../../../pipeline/api/openapi.ts';
import { datasets, pin } from '../../../pipeline/datasets/index.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import type { Schema } from '../../../pipeline/plan/types.ts';
import { queries } from '../../../queries/index.ts';

const changes = process.env.CHANGE?.split(', ') ?? [];

/** Four answers, each changed in a way of its own: a column added, removed, renamed and retyped. */
const changedAnswers: Readonly<Record<string, (query: Query) => Pick<Query, 'schema' | 'chart'>>> = {
  users_joined_by_year: ({ schema, chart }) => ({ chart, schema: { ...schema, share: 'double' } }),
  median_followers_by_join_year_and_age_group: ({ schema }) => ({
    chart: { kind: 'bars', category: 'join_year', value: 'median_follower_count' },
    schema: without('age_group', schema),
  }),
  median_followers_by_age_group: ({ schema }) => ({
    chart: { kind: 'bars', category: 'age_group', value: 'median' },
    schema: { ...without('median_follower_count', schema), median: 'double' },
  }),
  median_followers_by_join_year: ({ schema, chart }) => ({
    chart,
    schema: { ...schema, median_follower_count: 'bigint' },
  }),
};

function without(column: string, { [column]: _, ...others }: Schema): Schema {
  return others;
}

export default (): Record<string, unknown> => {
  const taken = changes.includes('dataset') ? [...datasets, { ...pin, name: 'board' }] : datasets;
  const asked = changes.includes('answers')
    ? queries.map((query) => ({ ...query, ...changedAnswers[query.name]?.(query) }))
    : queries;
  const notebooks: Record<string, string> = { ...notebookSources(taken, queries) };
  if (changes.includes('stream notebook')) {
    notebooks.pinterest_streaming_data += '\n# changed\n';
  }
  return pipeline({
    stack: pulumi.getStack(),
    year: new Date().getUTCFullYear(),
    configuration: configurationOfStack(),
    datasets: taken,
    queries: asked,
    notebooks,
    openApi: (integrations) => openApiDocument(taken, integrations),
    artefactsRequired: true,
  });
};
