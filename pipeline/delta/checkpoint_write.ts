/** Writes checkpoints (Delta protocol, "Checkpoint Schema"): one Parquet file with a row for each action of the state. */

import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { withChecksums } from '../parquet/write/checksums.ts';
import { checkpointHint, checkpointPath, hintPath } from './checkpoint_read.ts';
import type { DeltaEnvironment } from './environment.ts';
import { removedFilesKept } from './maintain/retention.ts';
import type { Snapshot, TableState } from './snapshot.ts';

/**
 * Writes a checkpoint when one is due: after ten commits, or after more for a table of thousands of files, so that the
 * cost of checkpoints per commit hardly depends on the number of files. A checkpoint that fails is only a warning: the
 * commit stands.
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

/** Commits between checkpoints: at least Spark's default, at most what a reader replays within about a second. */
const [fewest, most] = [10, 1280];
const actionsPerCommit = 100;

/** Commits from one checkpoint to the next. All writers compute the same number, so only one of them writes it. */
function commitsPerCheckpoint({ metadata, files, removed }: Snapshot): number {
  const configured = Number(metadata.configuration?.['delta.checkpointInterval']);
  if (Number.isInteger(configured) && configured > 0) {
    return configured;
  }
  const interval = (files.size + removed.size) / actionsPerCommit;
  return Math.min(most, fewest * 2 ** Math.max(0, Math.ceil(Math.log2(interval / fewest))));
}

/**
 * Writes the checkpoint of a state and points the hint at it. Files that were removed before the retention are
 * forgotten, in the checkpoint and in the state.
 */
export async function writeCheckpoint(
  { storage, clock }: DeltaEnvironment,
  state: TableState,
): Promise<void> {
  // A checkpoint would have to hold deletion vectors: whoever makes these writes the checkpoints.
  if (state.protocol.minReaderVersion > 1) {
    return;
  }
  state.forgetRemovedBefore(clock() - removedFilesKept(state.metadata));
  const columnData = checkpointColumns(state);
  const size = columnData[0]?.data.length ?? 0;
  const { version } = state;
  const numOfAddFiles = state.files.size;
  const written = new ByteWriter(1 << 20);
  const writer = new ParquetWriter({
    writer: written,
    schema: checkpointSchema,
    codec: 'SNAPPY',
    createdBy: 'pinterest-pipeline',
  });
  await writer.write({ columnData, rowGroupSize: 100_000 });
  await writer.finish();
  const bytes = withChecksums(written.getBuffer());
  // Several writers write the same state: the first file stays.
  await storage.putIfAbsent(checkpointPath(version), bytes.getBytes());
  if (((await checkpointHint(storage))?.version ?? -1) < version) {
    const hint = JSON.stringify({ version, size, sizeInBytes: bytes.offset, numOfAddFiles });
    await storage.put(hintPath, new TextEncoder().encode(hint));
  }
}

/** The columns of a checkpoint. Each row has one action. */
function checkpointColumns({ protocol, metadata, files, removed, transactions }: Snapshot) {
  const rows: Record<string, unknown>[] = [
    { protocol },
    {
      metaData: {
        ...metadata,
        format: { ...metadata.format, options: metadata.format.options ?? {} },
        configuration: metadata.configuration ?? {},
        createdTime: toBigint(metadata.createdTime),
      },
    },
    ...Array.from(transactions, ([appId, version]) => ({ txn: { appId, version: BigInt(version) } })),
    ...Array.from(files.values(), (add) => ({
      add: {
        ...add,
        partitionValues: add.partitionValues ?? {},
        size: toBigint(add.size),
        modificationTime: toBigint(add.modificationTime),
        dataChange: false,
      },
    })),
    ...Array.from(removed.values(), (remove) => ({
      remove: {
        ...remove,
        deletionTimestamp: toBigint(remove.deletionTimestamp),
        dataChange: false,
        size: toBigint(remove.size),
      },
    })),
  ];
  return ['txn', 'add', 'remove', 'metaData', 'protocol'].map((name) => ({
    name,
    data: rows.map((row) => row[name] ?? null),
  }));
}

function toBigint(value: number | null | undefined): bigint | null {
  return value === null || value === undefined ? null : BigInt(value);
}

const repetition_type = 'OPTIONAL' as const;

function struct(name: string, ...children: SchemaElement[][]): SchemaElement[] {
  return [{ name, num_children: children.length, repetition_type }, ...children.flat()];
}

function string(name: string): SchemaElement[] {
  return [
    { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, repetition_type },
  ];
}

function int64(name: string): SchemaElement[] {
  return [{ name, type: 'INT64', repetition_type }];
}

function int32(name: string): SchemaElement[] {
  return [{ name, type: 'INT32', repetition_type }];
}

function boolean(name: string): SchemaElement[] {
  return [{ name, type: 'BOOLEAN', repetition_type }];
}

/** A map of strings in the layout of the Parquet specification. */
function stringMap(name: string): SchemaElement[] {
  const [key] = string('key');
  return [
    { name, num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' }, repetition_type },
    { name: 'key_value', num_children: 2, repetition_type: 'REPEATED' },
    { ...key, name: 'key', repetition_type: 'REQUIRED' },
    ...string('value'),
  ];
}

function stringList(name: string): SchemaElement[] {
  return [
    { name, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' }, repetition_type },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    ...string('element'),
  ];
}

const checkpointSchema: SchemaElement[] = [
  { name: 'spark_schema', num_children: 5 },
  ...struct('txn', string('appId'), int64('version'), int64('lastUpdated')),
  ...struct(
    'add',
    string('path'),
    stringMap('partitionValues'),
    int64('size'),
    int64('modificationTime'),
    boolean('dataChange'),
    string('stats'),
  ),
  ...struct(
    'remove',
    string('path'),
    int64('deletionTimestamp'),
    boolean('dataChange'),
    boolean('extendedFileMetadata'),
    stringMap('partitionValues'),
    int64('size'),
  ),
  ...struct(
    'metaData',
    string('id'),
    string('name'),
    string('description'),
    struct('format', string('provider'), stringMap('options')),
    string('schemaString'),
    stringList('partitionColumns'),
    stringMap('configuration'),
    int64('createdTime'),
  ),
  ...struct('protocol', int32('minReaderVersion'), int32('minWriterVersion'), stringList('writerFeatures')),
];
