/** Checkpoints: the whole state of a table at a version, so that readers need not replay it (Delta protocol, "Checkpoints"). */

import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import * as z from 'zod';
import type { ObjectStore } from '../storage/object_store.ts';
import { type Action, actionSchema } from './actions.ts';
import { DeltaError } from './error.ts';
import { logFolder, paddedVersion } from './log.ts';
import { withFile } from './parquet_file.ts';

export const hintPath = `${logFolder}/_last_checkpoint`;

const hintSchema = z.object({ version: z.number() });

/** The version of the last checkpoint by `_last_checkpoint`; undefined where it is missing or damaged: it is a hint. */
export async function versionHint(storage: ObjectStore): Promise<number | undefined> {
  const bytes = await storage.read(hintPath);
  try {
    return bytes && hintSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).version;
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

export function checkpointPath(version: number): string {
  return `${logFolder}/${paddedVersion(version)}.checkpoint.parquet`;
}

/** The actions of a checkpoint. @throws DeltaError when it is not there, or damaged */
export async function readCheckpoint(storage: ObjectStore, version: number): Promise<Action[]> {
  return withFile(storage, checkpointPath(version), async (source, metadata) => {
    const rows = await parquetReadObjects({ file: source, metadata, compressors });
    const parsed = z.array(actionSchema).safeParse(rows);
    if (!parsed.success) {
      throw new DeltaError(`it is not a checkpoint of a Delta table: ${z.prettifyError(parsed.error)}`);
    }
    return parsed.data;
  });
}
