/** Checks that this reader and writer support what a table asks for (Delta protocol, "Protocol Evolution"). */

import type { Schema } from '../plan/types.ts';
import type { DeltaEnvironment } from './environment.ts';
import { DeltaError } from './error.ts';
import { constraintsOf, schemaOf } from './schema.ts';
import { type Snapshot, stateIfExists, type TableState } from './snapshot.ts';

/** The columns of a table. @throws DeltaError naming what this reader does not support */
export function readableSchema(table: string, { protocol, metadata }: Snapshot): Schema {
  if (!isSupported(protocol.minReaderVersion, 1, 3, protocol.readerFeatures, ['deletionVectors'])) {
    const features = protocol.readerFeatures?.join(', ');
    throw new DeltaError(
      `The Delta table ${table} asks for reader version ${protocol.minReaderVersion}` +
        `${features ? ` (${features})` : ''}; only version 1 and deletion vectors are supported. ` +
        'Write it without column mapping and other table features.',
    );
  }
  if (metadata.format.provider !== 'parquet') {
    throw new DeltaError(
      `The Delta table ${table} holds ${metadata.format.provider} files; only parquet is supported.`,
    );
  }
  if (metadata.partitionColumns.length > 0) {
    throw new DeltaError(
      `The Delta table ${table} is partitioned by ${metadata.partitionColumns.join(', ')}; only tables without partitions are supported.`,
    );
  }
  return schemaOf(metadata.schemaString, table);
}

/** Tells that a version needs no features, or is the one that names them and names none but known ones. */
function isSupported(
  version: number,
  withoutFeatures: number,
  withFeatures: number,
  features: readonly string[] | null | undefined,
  supported: readonly string[],
): boolean {
  if (version <= withoutFeatures) {
    return true;
  }
  return version === withFeatures && (features ?? []).every((feature) => supported.includes(feature));
}

/** Checks that a table can be written. @throws DeltaError naming what this writer does not support */
export function checkWritable(table: string, { protocol, metadata }: Snapshot): void {
  // A feed of changes asks nothing of a writer that adds and removes whole files.
  const features = ['appendOnly', 'invariants', 'deletionVectors', 'changeDataFeed'];
  if (!isSupported(protocol.minWriterVersion, 2, 7, protocol.writerFeatures, features)) {
    const features = protocol.writerFeatures?.join(', ');
    throw new DeltaError(
      `The Delta table ${table} asks for writer version ${protocol.minWriterVersion}` +
        `${features ? ` (${features})` : ''}; only versions 1 and 2, deletion vectors and the feed of changes are supported. Write it with Spark instead.`,
    );
  }
  const constraints = constraintsOf(metadata.schemaString, table);
  if (constraints.length > 0) {
    throw new DeltaError(
      `The Delta table ${table} has constraints that are not supported: ${constraints.join(', ')}. Write it with Spark instead.`,
    );
  }
}

/** Checks that rows may be removed. @throws DeltaError for an append-only table */
export function checkRemovable(table: string, { metadata }: Snapshot): void {
  if (metadata.configuration?.['delta.appendOnly'] === 'true') {
    throw new DeltaError(
      `The Delta table ${table} is append-only (delta.appendOnly): no row of it can be removed or replaced.`,
    );
  }
}

/** The state of a table that this engine can read; undefined when there is no table. @throws DeltaError for another */
export async function supportedState(environment: DeltaEnvironment): Promise<TableState | undefined> {
  const state = await stateIfExists(environment);
  if (state !== undefined) {
    readableSchema(environment.storage.name, state);
  }
  return state;
}
