/** The `deltalake` package: a reader of Delta tables independent of ours and of Spark's. */

import * as z from 'zod';
import { notSetUp, stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import { startPython } from '../../../pipeline/engines/spark/local/python.ts';
import type { RealSystem } from './real_system.ts';

const table = z.strictObject({
  version: z.number(),
  /** Columns in order; the type as Delta names it, for example `long` or `array<string>`. */
  schema: z.array(z.strictObject({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  partitionColumns: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.json())),
});

/** A Delta table as `deltalake` reads it; values as `PythonWorker.run` says, rows in any order. */
export type DeltaTable = z.infer<typeof table>;

/** The table to read and its options. */
export interface DeltaTableAddress {
  /** A folder or an `s3://` URL. */
  at: string;
  /** Default: the latest. */
  version?: number;
  /** deltalake's storage options, for example AWS_ENDPOINT_URL. */
  storageOptions?: Readonly<Record<string, string>>;
}

/** A Python process that reads one table after another. */
export interface DeltaReader {
  read(address: DeltaTableAddress): Promise<DeltaTable>;
  stop(): Promise<void>;
}

export const deltalake = {
  name: 'spark',
  version: () => `deltalake in ${stampOf('spark') ?? 'the environment of Spark'}`,
  missing: () => (stampOf('spark') === undefined ? notSetUp('spark') : undefined),
  /** Starts a reader for several tables. */
  start: startReader,
  /** Reads one table. */
  read: async (address: DeltaTableAddress): Promise<DeltaTable> => {
    const reader = startReader();
    try {
      return await reader.read(address);
    } finally {
      await reader.stop();
    }
  },
} satisfies RealSystem & Record<string, unknown>;

const source = `
from deltalake import DeltaTable

table = DeltaTable(input["at"], version=input.get("version"), storage_options=input.get("storageOptions"))
output = {
    "version": table.version(),
    "schema": [
        {"name": field["name"], "type": type_name(field["type"]), "nullable": field["nullable"]}
        for field in json.loads(table.schema().to_json())["fields"]
    ],
    "partitionColumns": table.metadata().partition_columns,
    "rows": table.to_pyarrow_table().to_pylist(),
}
`;

const preparation = `
import json

def type_name(type):
    if isinstance(type, str):
        return type
    if type["type"] == "array":
        return f"array<{type_name(type['elementType'])}>"
    if type["type"] == "map":
        return f"map<{type_name(type['keyType'])},{type_name(type['valueType'])}>"
    return "struct<" + ",".join(f"{f['name']}:{type_name(f['type'])}" for f in type["fields"]) + ">"
`;

function startReader(): DeltaReader {
  const worker = startPython({ environment: 'spark' });
  const prepared = worker.run(preparation);
  return {
    read: async (address) => {
      await prepared;
      return table.parse(await worker.run(source, address));
    },
    stop: () => worker.stop(),
  };
}
