/** Checkpoints: the state of a table at a version, so that readers need not replay the log (Delta protocol, "Checkpoints"). */

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

/** The version that `_last_checkpoint` names; undefined where this hint is missing or damaged. */
export async function versionHint(storage: ObjectStore): Promise<number | undefined> {
  const bytes = await storage.read(hintPath);
  try {
    return bytes && hintSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).version;
  } catch {
    // Readers list the folder instead.
    return undefined;
  }
}

/** The version in the name of a checkpoint's file; undefined for other files. */
export function versionOfCheckpoint(name: string): number | undefined {
  const version = /^(\d{20})\.checkpoint\.parquet$/.exec(name)?.[1];
  return version === undefined ? undefined : Number(version);
}

export function checkpointPath(version: number): string {
  return `${logFolder}/${paddedVersion(version)}.checkpoint.parquet`;
}

/** Reads the actions of a checkpoint. @throws DeltaError when it does not exist or is damaged */
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
