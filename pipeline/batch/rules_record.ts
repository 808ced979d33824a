/**
 * Which landing files a batch has to read: those that the lake's record does not know. The record is the table
 * `<lake>/files_read`, the same for Node and Spark (docs/decisions/files-read.md). Pure; the tables are in `lake.ts`.
 */
import { LandingError, type LandingFile } from '../landing/reader.ts';
import type { Schema } from '../plan/types.ts';

export const filesReadSchema = {
  dataset: 'text',
  file: 'text',
  size: 'bigint',
  modified: 'bigint',
  rules: 'text',
} as const satisfies Schema;

/** A line of the record. */
export interface FileRead {
  readonly dataset: string;
  /** From the landing folder. Null in a line that tells by which rules silver is being made, before it is. */
  readonly file: string | null;
  /** Bytes; null as the file is. */
  readonly size: number | null;
  /** Milliseconds since 1970; null as the file is. */
  readonly modified: number | null;
  /** The fingerprint of the rules by which the file was read. */
  readonly rules: string;
}

/** What a run has to read of one dataset. */
export interface FilesToRead {
  readonly dataset: string;
  /** The fingerprint of its rules; empty where no record is kept. */
  readonly rules: string;
  readonly files: readonly LandingFile[];
  /** Landing files whose rows the lake holds already. */
  readonly filesBefore: number;
  /** Rows were made by other rules: silver and quarantine are replaced by what is read now. */
  readonly rulesChanged: boolean;
  /** The record must tell the rules before silver is written, or a killed run would leave rows of unknown rules. */
  readonly announce: boolean;
}

/**
 * The files of one dataset that the record does not know as they are now; all of them when a rule has changed.
 * @param recorded all lines of the record, those of other datasets too
 * @throws LandingError when a rule has changed, and files that were read are no longer present
 */
export function filesToRead(
  dataset: string,
  rules: string,
  present: readonly LandingFile[],
  recorded: readonly FileRead[],
): FilesToRead {
  const mine = recorded.filter((line) => line.dataset === dataset);
  const rulesChanged = mine.some((line) => line.rules !== rules);
  const files = rulesChanged ? present : unknownOf(present, mine);
  if (rulesChanged) {
    checkPresent(dataset, present, mine);
  }
  return {
    dataset,
    rules,
    files,
    filesBefore: present.length - files.length,
    rulesChanged,
    announce:
      (rulesChanged || (mine.length === 0 && files.length > 0)) &&
      !mine.some((line) => line.file === null && line.rules === rules),
  };
}

/** Files that are not recorded with the size and the time of change that they have now. */
function unknownOf(present: readonly LandingFile[], recorded: readonly FileRead[]): readonly LandingFile[] {
  const known = new Set(recorded.map(({ file, size, modified }) => JSON.stringify([file, size, modified])));
  return present.filter(({ path, size, modified }) => !known.has(JSON.stringify([path, size, modified])));
}

function checkPresent(dataset: string, present: readonly LandingFile[], recorded: readonly FileRead[]): void {
  const there = new Set(present.map(({ path }) => path));
  const gone = recorded.flatMap(({ file }) => (file === null || there.has(file) ? [] : [file]));
  if (gone.length > 0) {
    throw new LandingError(
      `A rule of ${dataset} has changed, and ${gone.length} of the files that were read are no longer there, the first ` +
        `${gone[0]}: bring them back, or move silver/${dataset}, quarantine/${dataset} and files_read of the lake away.`,
    );
  }
}

/** The line that tells by which rules a dataset's silver is being made. */
export function announcement({ dataset, rules }: FilesToRead): FileRead {
  return { dataset, file: null, size: null, modified: null, rules };
}

/** How the record changes when a run is done. */
export interface RecordChange {
  /** Lines for the files that were read to their end. */
  readonly read: readonly FileRead[];
  /** The lines that stay; undefined when all do. */
  readonly kept: readonly FileRead[] | undefined;
}

/**
 * The record after a run.
 * @param unreadable paths of files that were not read to their end: they are read again the next time
 */
export function recordChange(
  reading: readonly FilesToRead[],
  recorded: readonly FileRead[],
  unreadable: ReadonlySet<string>,
): RecordChange {
  const read = reading.flatMap(({ dataset, rules, files }) =>
    files
      .filter(({ path }) => !unreadable.has(path))
      .map(({ path, size, modified }): FileRead => ({ dataset, file: path, size, modified, rules })),
  );
  const changed = new Set(reading.filter((of) => of.rulesChanged).map(({ dataset }) => dataset));
  const done = new Set(reading.map(({ dataset }) => dataset));
  const replaced = new Set(read.map(({ dataset, file }) => JSON.stringify([dataset, file])));
  const kept = recorded.filter(
    ({ dataset, file }) =>
      !changed.has(dataset) &&
      !(file === null && done.has(dataset)) &&
      !replaced.has(JSON.stringify([dataset, file])),
  );
  return { read, kept: kept.length === recorded.length ? undefined : kept };
}
