/** Where datasets and answers lie in the cloud, read from the resources that a stack declares. */

import { datasetOfStream, datasetOfTopic } from '../../../pipeline/naming.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import { lakeFolder } from '../../lake/lake.ts';
import type { GraphNode } from '../graph/record.ts';

/** A kind of place, and its name there. */
export type Place = readonly [kind: string, name: string];

export interface Places {
  readonly stack: string;
  /** `s3://bucket/lake`. */
  readonly lake: string;
  /** `catalog.schema` of the answers' tables and of the live views; undefined in a workspace that has no catalog. */
  readonly answersSchema: string | undefined;
  readonly liveSchema: string | undefined;
  /** Paths in the workspace. */
  readonly notebooks: readonly string[];
  readonly dashboard: string;
  readonly datasets: ReadonlyMap<string, { readonly topic: string; readonly stream: string }>;
}

/** Reads the places from a stack's resources. @throws RangeError naming what the stack does not declare */
export function placesOf(
  stack: string,
  nodes: readonly Pick<GraphNode, 'type' | 'name' | 'inputs'>[],
  datasets: readonly Dataset[],
): Places {
  const all = (type: string) => nodes.filter((node) => node.type === type);
  const text = (node: Pick<GraphNode, 'inputs'> | undefined, input: string, what: string): string => {
    const value = node?.inputs[input];
    if (typeof value !== 'string') {
      throw new RangeError(`The stack ${stack} declares no ${what}.`);
    }
    return value;
  };
  const nameFor = (
    type: string,
    what: string,
    dataset: Dataset,
    datasetOf: (datasets: readonly Dataset[], name: string) => Dataset | undefined,
  ) => {
    const named = all(type).find((node) => datasetOf(datasets, text(node, 'name', what)) === dataset);
    return text(named, 'name', `${what} of ${dataset.name}`);
  };
  const bucket = text(
    all('aws:s3/bucket:Bucket').find(({ name }) => name.endsWith('-data')),
    'bucket',
    'bucket of the lake',
  );
  const [catalog] = all('databricks:index/catalog:Catalog');
  const schemas = all('databricks:index/schema:Schema');
  const schemaOf = (live: boolean) => {
    const schema = schemas.find(({ name }) => name.endsWith('-live') === live);
    return catalog && schema
      ? `${text(catalog, 'name', 'catalog')}.${text(schema, 'name', 'schema')}`
      : undefined;
  };
  return {
    stack,
    lake: `s3://${bucket}/${lakeFolder}`,
    answersSchema: schemaOf(false),
    liveSchema: schemaOf(true),
    notebooks: all('databricks:index/notebook:Notebook').map((node) => text(node, 'path', 'notebook')),
    dashboard: text(all('databricks:index/dashboard:Dashboard')[0], 'displayName', 'dashboard'),
    datasets: new Map(
      datasets.map((dataset) => [
        dataset.name,
        {
          topic: nameFor('aws:msk/topic:Topic', 'topic', dataset, datasetOfTopic),
          stream: nameFor('aws:kinesis/stream:Stream', 'stream', dataset, datasetOfStream),
        },
      ]),
    ),
  };
}

/** The places of a dataset, from its source on. */
export function placesOfDataset(places: Places, { name, sourceTable }: Dataset): readonly Place[] {
  const { topic = '', stream = '' } = places.datasets.get(name) ?? {};
  return [
    ['Table that the emulator reads', sourceTable],
    ['API path for the topic', `POST /topics/${topic}`],
    ['API path for the stream', `PUT /streams/${stream}/record`],
    ['Kafka topic', topic],
    ['Kinesis stream', stream],
    ['Landing files', `${places.lake}/topics/${topic}/`],
    ['Silver table', `${places.lake}/silver/${name}`],
    ['Silver table of the stream', `${places.lake}/stream/silver/${name}`],
    ['Quarantine', `${places.lake}/quarantine/${name}`],
    ...notebooksOf(places, ['pinterest_batch_data', 'pinterest_streaming_data']),
  ];
}

/** The places of an answer. */
export function placesOfQuery(places: Places, { name }: Query): readonly Place[] {
  const table = (kind: string, schema: string | undefined): readonly Place[] =>
    schema === undefined ? [] : [[kind, `${schema}.${name}`]];
  return [
    ['Gold table', `${places.lake}/gold/${name}`],
    ...table('Table in the catalog', places.answersSchema),
    ...table('Live view', places.liveSchema),
    ...notebooksOf(places, ['pinterest_batch_data', 'pinterest_live_views']),
    ['Dashboard', places.dashboard],
  ];
}

function notebooksOf({ notebooks }: Places, names: readonly string[]): readonly Place[] {
  return notebooks
    .filter((path) => names.some((name) => path.endsWith(`/${name}`)))
    .map((path) => ['Notebook', path] as const);
}
