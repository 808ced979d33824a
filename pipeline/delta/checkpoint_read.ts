/** Checkpoints: the state of a table at a version, so that readers need not replay the log (Delta protocol, "Checkpoints"). */

import * as z from 'zod';
import { readObjects } from '../parquet/read/read.ts';
import type { ObjectStore } from '../storage/object_store.ts';
import { type Action, actionSchema } from './actions.ts';
import { DeltaError } from './error.ts';
import { logFolder, paddedVersion, versionOfEntry } from './log.ts';
import { withFile } from './parquet_file.ts';

export const hintPath = `${logFolder}/_last_checkpoint`;

const hintSchema = z.object({ version: z.number(), parts: z.number().nullish() });

/** A checkpoint in one file, or in several that each hold a part of the rows. */
export interface Checkpoint {
  readonly version: number;
  /** Undefined for a checkpoint in one file. */
  readonly parts?: number | undefined;
}

/** The checkpoint that `_last_checkpoint` names; undefined where this hint is missing or damaged. */
export async function checkpointHint(storage: ObjectStore): Promise<Checkpoint | undefined> {
  const bytes = await storage.read(hintPath);
  if (bytes === undefined) {
    return undefined;
  }
  try {
    const { version, parts } = hintSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { version, parts: parts ?? undefined };
  } catch {
    // Readers list the folder instead.
    return undefined;
  }
}

/** The version in the name of an entry, or of a file of a checkpoint of any kind; undefined for other files. */
export function versionOfLogFile(name: string): number | undefined {
  const version = /^(\d{20})\.checkpoint\..*(parquet|json)$/.exec(name)?.[1];
  return version === undefined ? versionOfEntry(name) : Number(version);
}

/** The whole checkpoints among the files of a log, the newest first. */
export function wholeCheckpoints(names: readonly string[]): Checkpoint[] {
  const present = new Set(names);
  const isPresent = (path: string) => present.has(path.slice(logFolder.length + 1));
  return names
    .flatMap((name) => firstFileOf(name) ?? [])
    .filter((checkpoint) => checkpointPaths(checkpoint).every(isPresent))
    .sort((a, b) => b.version - a.version);
}

/** Says why checkpoints among the files of a log are not used: V2 ones, and those that lack a part. */
export function unusedCheckpoints(names: readonly string[]): string[] {
  const whole = new Set(wholeCheckpoints(names).flatMap(checkpointPaths));
  return names.flatMap((name) => {
    if (/\.checkpoint\.[0-9a-f-]{36}\.(parquet|json)$/.test(name)) {
      return [`${name} is a V2 checkpoint, which is not read.`];
    }
    const isPart = /\.checkpoint\.\d{10}\.\d{10}\.parquet$/.test(name);
    return isPart && !whole.has(`${logFolder}/${name}`)
      ? [`${name} is a part whose other parts are gone.`]
      : [];
  });
}

/** The checkpoint whose first file has this name; undefined for other files. */
function firstFileOf(name: string): Checkpoint | undefined {
  const [, version, parts] = /^(\d{20})\.checkpoint(?:\.0000000001\.(\d{10}))?\.parquet$/.exec(name) ?? [];
  return version === undefined
    ? undefined
    : { version: Number(version), parts: parts === undefined ? undefined : Number(parts) };
}

/** The file of a checkpoint in one file. */
export function checkpointPath(version: number): string {
  return `${logFolder}/${paddedVersion(version)}.checkpoint.parquet`;
}

/** The files of a checkpoint. */
function checkpointPaths({ version, parts }: Checkpoint): string[] {
  const padded = (number: number) => String(number).padStart(10, '0');
  return parts === undefined
    ? [checkpointPath(version)]
    : Array.from(
        { length: parts },
        (_, part) =>
          `${logFolder}/${paddedVersion(version)}.checkpoint.${padded(part + 1)}.${padded(parts)}.parquet`,
      );
}

/** Reads the actions of a checkpoint. @throws DeltaError when it does not exist, is damaged or is a V2 checkpoint */
export async function readCheckpoint(storage: ObjectStore, checkpoint: Checkpoint): Promise<Action[]> {
  const actions: Action[] = [];
  for (const path of checkpointPaths(checkpoint)) {
    for (const action of await readPart(storage, path)) {
      actions.push(action);
    }
  }
  return actions;
}

function readPart(storage: ObjectStore, path: string): Promise<Action[]> {
  return withFile(storage, path, async (source, metadata) => {
    const rows = await readObjects(source, metadata);
    if (rows.some(({ checkpointMetadata, sidecar }) => checkpointMetadata || sidecar)) {
      throw new DeltaError('it is a V2 checkpoint, which is not supported.');
    }
    const parsed = z.array(actionSchema).safeParse(rows);
    if (!parsed.success) {
      throw new DeltaError(`it is not a checkpoint of a Delta table: ${z.prettifyError(parsed.error)}`);
    }
    return parsed.data;
  });
}
