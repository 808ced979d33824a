/** Checkpoints: the whole state of a table at a version, so that readers need not replay it (Delta protocol, "Checkpoints"). */

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import { type Action, actionSchema } from './delta_actions.ts';
import { DeltaError, errorCode, withFileErrors } from './delta_error.ts';
import { logFolder, paddedVersion, readIfThere } from './delta_log.ts';
import { withParquetFile } from './delta_parquet_read.ts';

const hintSchema = z.object({ version: z.number() });

/** The version of the last checkpoint by `_last_checkpoint`; undefined where it is missing or damaged: it is a hint. */
export async function versionHint(table: string): Promise<number | undefined> {
  const text = await withFileErrors(`read ${logFolder(table)}`, () =>
    readIfThere(join(logFolder(table), '_last_checkpoint')),
  );
  try {
    return text === undefined ? undefined : hintSchema.parse(JSON.parse(text)).version;
  } catch {
    // The folder is listed instead.
    return undefined;
  }
}

/** The version of a checkpoint, by the name of its file; undefined for other files. */
export function checkpointOf(name: string): number | undefined {
  const version = /^(\d{20})\.checkpoint\.parquet$/.exec(name)?.[1];
  return version === undefined ? undefined : Number(version);
}

export function checkpointFile(table: string, version: number): string {
  return join(logFolder(table), `${paddedVersion(version)}.checkpoint.parquet`);
}

/** The actions of a checkpoint, undefined when it is not there. */
export async function readCheckpoint(table: string, version: number): Promise<Action[] | undefined> {
  const file = checkpointFile(table, version);
  try {
    await access(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  return withParquetFile(file, async (source, metadata) => {
    const rows = await parquetReadObjects({ file: source, metadata, compressors });
    const parsed = z.array(actionSchema).safeParse(rows);
    if (!parsed.success) {
      throw new DeltaError(`it is not a checkpoint of a Delta table: ${z.prettifyError(parsed.error)}`);
    }
    return parsed.data;
  });
}
