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
 * The schema of a field that is no key, or null. Undefined where API Gateway reads it: no model can say "or null" (it ignores
 * `nullable`, and drops a list of types when it imports a document), so a field is not named there, and is any JSON
 * (docs/decisions/null-fields.md).
 */
type FieldOrNull = (type: RawType) => Schema | undefined;

const nullable: FieldOrNull = (type) => ({ ...fieldSchema(type), nullable: true });
const unnamed: FieldOrNull = () => undefined;

/** An event of one dataset: its key, and its other fields, each of which may be null or left out. */
function eventSchema({ description, raw, key }: Dataset, fieldOrNull: FieldOrNull): Schema {
  const fields = Object.entries(raw).map(([field, type]) =>
    field === key ? `${field} (${type})` : `${field} (${type} or null)`,
  );
  return {
    type: 'object',
    description: `${description} Fields: ${fields.join(', ')}.`,
    properties: properties(Object.entries(raw), (field, type) =>
      field === key ? fieldSchema(type) : fieldOrNull(type),
    ),
    required: [key],
  };
}

/**
 * An event of any dataset, for checks before the dataset is determined: the types of the fields on which all datasets
 * that have them agree.
 */
function anyEventSchema(datasets: readonly Dataset[], fieldOrNull: FieldOrNull): Schema {
  const types = new Map<string, Set<RawType>>();
  for (const { raw } of datasets) {
    for (const [field, type] of Object.entries(raw)) {
      types.set(field, (types.get(field) ?? new Set()).add(type));
    }
  }
  const agreed = [...types].flatMap(([field, [type, ...others]]) =>
    type === undefined || others.length > 0 ? [] : [[field, type] as const],
  );
  const isKey = (field: string) =>
    datasets.every(({ raw, key }) => raw[field] === undefined || key === field);
  return {
    type: 'object',
    description: 'An event of any dataset. Its own schema is checked where the topic or stream is known.',
    properties: properties(agreed, (field, type) => (isKey(field) ? fieldSchema(type) : fieldOrNull(type))),
  };
}

function properties(
  fields: readonly (readonly [string, RawType])[],
  schemaOf: (field: string, type: RawType) => Schema | undefined,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    fields.flatMap(([field, type]) => {
      const schema = schemaOf(field, type);
      return schema ? [[field, schema] as const] : [];
    }),
  );
}

function fieldSchema(type: RawType) {
  switch (type) {
    case 'bigint':
      return { type: 'integer', minimum: -largestInteger, maximum: largestInteger } as const;
    case 'double':
      return { type: 'number' } as const;
    case 'text':
      return { type: 'string' } as const;
    default:
      return type satisfies never;
  }
}

/**
 * All schemas that operations refer to.
 * @param isForApiGateway leaves out what its models cannot say
 */
export function schemasOf(
  datasets: readonly Dataset[],
  isForApiGateway: boolean,
): Readonly<Record<string, Schema>> {
  const fieldOrNull = isForApiGateway ? unnamed : nullable;
  return {
    ...Object.fromEntries(
      datasets.map((dataset) => [eventSchemaName(dataset), eventSchema(dataset, fieldOrNull)]),
    ),
    Event: anyEventSchema(datasets, fieldOrNull),
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
          key: { description: 'Any JSON: records of one key go to one partition. Null is none.' },
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
