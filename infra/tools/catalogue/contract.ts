/**
 * The silver table of a dataset as an Open Data Contract (ODCS 3.1): https://bitol-io.github.io/open-data-contract-standard/v3.1.0/
 */
import { stringify } from 'yaml';
import { expressionSql } from '../../../pipeline/engines/spark/expression.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import type { ExpressionNode } from '../../../pipeline/plan/expression.ts';
import type { ColumnType } from '../../../pipeline/plan/types.ts';
import { columnsOf } from '../../../pipeline/plan/walk.ts';
import type { Places } from './places.ts';
import { expressionInWords } from './words.ts';

const logicalTypes = {
  bigint: { logicalType: 'integer', physicalType: 'BIGINT' },
  int: { logicalType: 'integer', physicalType: 'INT' },
  double: { logicalType: 'number', physicalType: 'DOUBLE' },
  text: { logicalType: 'string', physicalType: 'STRING' },
  boolean: { logicalType: 'boolean', physicalType: 'BOOLEAN' },
  timestamp: { logicalType: 'timestamp', physicalType: 'TIMESTAMP' },
  date: { logicalType: 'date', physicalType: 'DATE' },
  'array<double>': {
    logicalType: 'array',
    physicalType: 'ARRAY<DOUBLE>',
    items: { logicalType: 'number', physicalType: 'DOUBLE' },
  },
  'array<text>': {
    logicalType: 'array',
    physicalType: 'ARRAY<STRING>',
    items: { logicalType: 'string', physicalType: 'STRING' },
  },
} satisfies Record<ColumnType, object>;

/** The contract as YAML. @param version the project's */
export function contractOf(dataset: Dataset, { lake }: Places, version: string): string {
  const { name, description, clean, cleaning, keyColumn } = dataset;
  return stringify({
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: `pinterest-pipeline-${name}`,
    name,
    version,
    status: 'active',
    description: {
      purpose: description,
      usage: 'Read by the answers of the pipeline, and by anybody else who may read the lake.',
      limitations:
        'Each different row is there once, so a key is there again when its event came again with other values. ' +
        'Lines that are no events are in the quarantine.',
    },
    servers: [
      {
        server: 'lake',
        description: 'The lake of the batch.',
        type: 's3',
        location: `${lake}/silver/{model}`,
        format: 'delta',
      },
    ],
    schema: [
      {
        name,
        physicalName: name,
        physicalType: 'table',
        logicalType: 'object',
        description,
        properties: Object.entries(clean).map(([column, expression]) => ({
          ...property(column, expression, cleaning.schema[column]),
          ...(column === keyColumn && { required: true }),
          ...(dataset.personal.includes(column) && { classification: 'personal' }),
        })),
        quality: [{ type: 'library', metric: 'rowCount', mustBeGreaterThan: 0 }],
      },
    ],
  });
}

function property(name: string, expression: ExpressionNode, type: ColumnType = 'text') {
  return {
    name,
    ...logicalTypes[type],
    transformSourceObjects: [...columnsOf(expression)],
    transformLogic: expressionSql(expression),
    transformDescription: expressionInWords(expression),
  };
}
