/** Writes checkpoints (Delta protocol, "Checkpoint Schema"): one Parquet file with a row for each action of the state. */

import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { checkpointPath, hintPath, versionHint } from './checkpoint.ts';
import type { DeltaEnvironment } from './environment.ts';
import { removedFilesKept } from './maintain/retention.ts';
import type { Snapshot, TableState } from './snapshot.ts';

/**
 * Writes a checkpoint where one is due: after ten commits, or after more for a table of thousands of files, so that
 * writing them costs a commit about the same however many files there are. What a checkpoint cannot do does not undo
 * the commit.
 */
export async function writeCheckpointWhenDue(
  environment: DeltaEnvironment,
  state: TableState,
): Promise<void> {
  if (state.version === 0 || state.version % commitsPerCheckpoint(state) !== 0) {
    return;
  }
  try {
    await writeCheckpoint(environment, state);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    environment.warn(
      `No checkpoint of version ${state.version} of ${environment.storage.name} was written: ${reason}`,
    );
  }
}

/** Spark's default; and at most what a reader replays within about a second. */
const [fewest, most] = [10, 1280];
const actionsPerCommit = 100;

/** Every writer comes to the same number, so that of several one writes the checkpoint. */
function commitsPerCheckpoint({ metadata, files, removed }: Snapshot): number {
  const configured = Number(metadata.configuration?.['delta.checkpointInterval'] ?? Number.NaN);
  if (Number.isInteger(configured) && configured > 0) {
    return configured;
  }
  const wanted = (files.size + removed.size) / actionsPerCommit;
  return Math.min(most, fewest * 2 ** Math.max(0, Math.ceil(Math.log2(wanted / fewest))));
}

/**
 * Writes the checkpoint of a state, and names it as the last one. Files that were removed long before are forgotten:
 * in the file, and in the state.
 */
export async function writeCheckpoint(
  { storage, clock }: DeltaEnvironment,
  state: TableState,
): Promise<void> {
  state.forgetRemovedBefore(clock() - removedFilesKept(state.metadata));
  const columnData = columnsOf(state);
  const size = columnData[0]?.data.length ?? 0;
  const { version } = state;
  const numOfAddFiles = state.files.size;
  const bytes = new ByteWriter(1 << 20);
  const writer = new ParquetWriter({
    writer: bytes,
    schema: checkpointSchema,
    codec: 'SNAPPY',
    createdBy: 'pinterest-pipeline',
  });
  await writer.write({ columnData, rowGroupSize: 100_000 });
  await writer.finish();
  // Two writers write the same state: the first file stays.
  await storage.putIfAbsent(checkpointPath(version), bytes.getBytes());
  if (((await versionHint(storage)) ?? -1) < version) {
    const hint = JSON.stringify({ version, size, sizeInBytes: bytes.offset, numOfAddFiles });
    await storage.put(hintPath, new TextEncoder().encode(hint));
  }
}

/** The rows of a checkpoint by column: each row has one action. */
function columnsOf({ protocol, metadata, files, removed, transactions }: Snapshot) {
  const rows: Record<string, unknown>[] = [
    { protocol },
    {
      metaData: {
        ...metadata,
        format: { ...metadata.format, options: metadata.format.options ?? {} },
        configuration: metadata.configuration ?? {},
        createdTime: long(metadata.createdTime),
      },
    },
    ...Array.from(transactions, ([appId, version]) => ({ txn: { appId, version: BigInt(version) } })),
    ...Array.from(files.values(), (add) => ({
      add: {
        ...add,
        partitionValues: add.partitionValues ?? {},
        size: long(add.size),
        modificationTime: long(add.modificationTime),
        dataChange: false,
      },
    })),
    ...Array.from(removed.values(), (remove) => ({
      remove: {
        ...remove,
        deletionTimestamp: long(remove.deletionTimestamp),
        dataChange: false,
        size: long(remove.size),
      },
    })),
  ];
  return ['txn', 'add', 'remove', 'metaData', 'protocol'].map((name) => ({
    name,
    data: rows.map((row) => row[name] ?? null),
  }));
}

function long(value: number | null | undefined): bigint | null {
  return value === null || value === undefined ? null : BigInt(value);
}

const repetition_type = 'OPTIONAL' as const;

function struct(name: string, ...children: SchemaElement[][]): SchemaElement[] {
  return [{ name, num_children: children.length, repetition_type }, ...children.flat()];
}

function text(name: string): SchemaElement[] {
  return [
    { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, repetition_type },
  ];
}

function long64(name: string): SchemaElement[] {
  return [{ name, type: 'INT64', repetition_type }];
}

function integer(name: string): SchemaElement[] {
  return [{ name, type: 'INT32', repetition_type }];
}

function flag(name: string): SchemaElement[] {
  return [{ name, type: 'BOOLEAN', repetition_type }];
}

/** A map of text to text, as the Parquet specification lays it out. */
function textMap(name: string): SchemaElement[] {
  const [key] = text('key');
  return [
    { name, num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' }, repetition_type },
    { name: 'key_value', num_children: 2, repetition_type: 'REPEATED' },
    { ...key, name: 'key', repetition_type: 'REQUIRED' },
    ...text('value'),
  ];
}

function textList(name: string): SchemaElement[] {
  return [
    { name, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' }, repetition_type },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    ...text('element'),
  ];
}

const checkpointSchema: SchemaElement[] = [
  { name: 'spark_schema', num_children: 5 },
  ...struct('txn', text('appId'), long64('version'), long64('lastUpdated')),
  ...struct(
    'add',
    text('path'),
    textMap('partitionValues'),
    long64('size'),
    long64('modificationTime'),
    flag('dataChange'),
    text('stats'),
  ),
  ...struct(
    'remove',
    text('path'),
    long64('deletionTimestamp'),
    flag('dataChange'),
    flag('extendedFileMetadata'),
    textMap('partitionValues'),
    long64('size'),
  ),
  ...struct(
    'metaData',
    text('id'),
    text('name'),
    text('description'),
    struct('format', text('provider'), textMap('options')),
    text('schemaString'),
    textList('partitionColumns'),
    textMap('configuration'),
    long64('createdTime'),
  ),
  ...struct('protocol', integer('minReaderVersion'), integer('minWriterVersion')),
];
