/** The schemas of events and of the requests that carry them, from the datasets. */
import type { Dataset, RawType } from '../plan/dataset.ts';
import { largestInteger } from '../plan/types.ts';
import { type Schema, schemaNamed } from './document.ts';

/** The name of a dataset's event in the document: `PinEvent`. Letters and digits alone, as API Gateway demands. */
export function eventSchemaName({ name }: Pick<Dataset, 'name'>): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Event`;
}

/**
 * An event of one dataset: its key, and its other fields as far as they have values. A field without one is left out
 * (API Gateway's models cannot say "or null").
 */
function eventSchema(dataset: Dataset): Schema {
  return {
    type: 'object',
    description: `${dataset.description} A field that is not known is left out.`,
    properties: Object.fromEntries(
      Object.entries(dataset.raw).map(([field, type]) => [field, fieldSchema(type)]),
    ),
    required: [dataset.key],
  };
}

/**
 * An event of any dataset, for checks before the dataset is determined: the types of the fields on which all datasets
 * that have them agree.
 */
function anyEventSchema(datasets: readonly Dataset[]): Schema {
  const types = new Map<string, Set<RawType>>();
  for (const { raw } of datasets) {
    for (const [field, type] of Object.entries(raw)) {
      types.set(field, (types.get(field) ?? new Set()).add(type));
    }
  }
  const properties = [...types].flatMap(([field, [type, ...others]]) =>
    type === undefined || others.length > 0 ? [] : [[field, fieldSchema(type)] as const],
  );
  return {
    type: 'object',
    description: 'An event of any dataset. Its own schema is checked where the topic or stream is known.',
    properties: Object.fromEntries(properties),
  };
}

function fieldSchema(type: RawType): Schema {
  switch (type) {
    case 'bigint':
      return { type: 'integer', minimum: -largestInteger, maximum: largestInteger };
    case 'double':
      return { type: 'number' };
    case 'text':
      return { type: 'string' };
    default:
      return type satisfies never;
  }
}

/** All schemas that operations refer to. */
export function schemasOf(datasets: readonly Dataset[]): Readonly<Record<string, Schema>> {
  return {
    ...Object.fromEntries(datasets.map((dataset) => [eventSchemaName(dataset), eventSchema(dataset)])),
    Event: anyEventSchema(datasets),
    ProduceRequest: produceRequest,
    CreateStreamRequest: createStreamRequest,
    PutRecordRequest: putRecordRequest,
    PutRecordsRequest: putRecordsRequest,
  };
}

const event = schemaNamed('Event');

const produceRequest: Schema = {
  type: 'object',
  description: 'Records for a topic, as the Kafka REST proxy takes them.',
  required: ['records'],
  properties: {
    records: {
      type: 'array',
      items: {
        type: 'object',
        required: ['value'],
        properties: {
          // Clients of the proxy also write null for both, which no type of a model allows.
          key: { description: 'Any JSON but null: records of one key go to one partition.' },
          value: event,
          partition: { description: 'The number of a partition, where the sender chooses it.' },
        },
      },
    },
  },
};

const createStreamRequest: Schema = {
  type: 'object',
  properties: {
    ShardCount: {
      type: 'integer',
      minimum: 1,
      // Each is paid by the hour, by whoever owns the account.
      maximum: 10,
      description: 'One, when it is not said.',
    },
  },
};

const streamName: Schema = {
  type: 'string',
  description: 'For the reader: the name in the path is the one that counts.',
};

const putRecordRequest: Schema = {
  type: 'object',
  required: ['Data', 'PartitionKey'],
  properties: { StreamName: streamName, Data: event, PartitionKey: { type: 'string' } },
};

const putRecordsRequest: Schema = {
  type: 'object',
  required: ['records'],
  properties: {
    StreamName: streamName,
    records: {
      type: 'array',
      description: 'At most 500.',
      items: {
        type: 'object',
        required: ['data', 'partition-key'],
        properties: { data: event, 'partition-key': { type: 'string' } },
      },
    },
  },
};
