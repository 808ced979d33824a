/** Writes checkpoints (Delta protocol, "Checkpoint Schema"): one Parquet file with a row for each action of the state. */

import { randomUUID } from 'node:crypto';
import { link, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { SchemaElement } from 'hyparquet-writer';
import { syncFolder } from '../files.ts';
import { checkpointFile } from './delta_checkpoint.ts';
import { errorCode, withFileErrors } from './delta_error.ts';
import { logFolder, removeIfThere, writeDurably } from './delta_log.ts';
import { writeParquet } from './delta_parquet_write.ts';
import type { Snapshot } from './delta_snapshot.ts';

/** Spark's default of `delta.deletedFileRetentionDuration`: as long as readers of older versions may go on. */
const removedFilesKeptFor = 7 * 24 * 3600 * 1000;

/**
 * Writes the checkpoint of a snapshot, and names it as the last one.
 * @param now in milliseconds since 1970: files removed long before are left out
 */
export async function writeCheckpoint(table: string, snapshot: Snapshot, now: number): Promise<void> {
  const file = checkpointFile(table, snapshot.version);
  await withFileErrors(`write the checkpoint ${file}`, async () => {
    const columns = columnsOf(snapshot, now);
    const aside = join(logFolder(table), `.checkpoint.${randomUUID()}.tmp`);
    try {
      const size = await writeParquet(aside, checkpointSchema, async (writer) => {
        await writer.write({ columnData: columns, rowGroupSize: 100_000 });
      });
      await linkUnlessThere(aside, file);
      await nameAsLast(table, snapshot, columns[0]?.data.length ?? 0, size);
    } finally {
      await removeIfThere(aside);
    }
  });
}

/** Two writers write the same state: the first file stays. */
async function linkUnlessThere(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw error;
    }
  }
}

async function nameAsLast(table: string, { version, files }: Snapshot, size: number, sizeInBytes: number) {
  const aside = join(logFolder(table), `._last_checkpoint.${randomUUID()}.tmp`);
  await writeDurably(aside, JSON.stringify({ version, size, sizeInBytes, numOfAddFiles: files.size }));
  await rename(aside, join(logFolder(table), '_last_checkpoint'));
  await syncFolder(logFolder(table));
}

/** The rows of a checkpoint by column: each row has one action. */
function columnsOf(snapshot: Snapshot, now: number) {
  const { protocol, metadata, files, removed, transactions } = snapshot;
  const kept = [...removed.values()].filter(
    (file) => (file.deletionTimestamp ?? 0) > now - removedFilesKeptFor,
  );
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
    ...kept.map((remove) => ({
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
