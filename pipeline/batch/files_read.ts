/**
 * Chooses the landing files that a batch has to read: those that the lake's record does not list. The record is the table
 * `<lake>/files_read`, the same for Node and Spark (docs/decisions/files-read.md). Pure; the tables are in `lake_tables.ts`.
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
  /** From the landing folder. Null in a line that announces the rules by which silver is about to be made. */
  readonly file: string | null;
  /** Bytes; null when `file` is. */
  readonly size: number | null;
  /** Milliseconds since 1970; null when `file` is. */
  readonly modified: number | null;
  /** The fingerprint of the rules by which the file was read. */
  readonly rules: string;
}

/** The files of one dataset that a run has to read. */
export interface FilesToRead {
  readonly dataset: string;
  /** The fingerprint of its rules; empty where no record is kept. */
  readonly rules: string;
  readonly files: readonly LandingFile[];
  /** The number of landing files whose rows the lake holds already. */
  readonly filesBefore: number;
  /** Rows were made by other rules: silver and quarantine are replaced by what is read now. */
  readonly rulesChanged: boolean;
  /** The record must tell the rules before silver is written, or a killed run would leave rows of unknown rules. */
  readonly announce: boolean;
}

/**
 * The files of one dataset that the record does not list as they are now; all of them when a rule has changed.
 * @param recorded all lines of the record, those of other datasets too
 * @throws LandingError when a rule has changed, and files that were read are no longer present
 */
export function filesToRead(
  dataset: string,
  rules: string,
  present: readonly LandingFile[],
  recorded: readonly FileRead[],
): FilesToRead {
  const ownLines = recorded.filter((line) => line.dataset === dataset);
  const rulesChanged = ownLines.some((line) => line.rules !== rules);
  const files = rulesChanged ? present : newFiles(present, ownLines);
  if (rulesChanged) {
    checkPresent(dataset, present, ownLines);
  }
  return {
    dataset,
    rules,
    files,
    filesBefore: present.length - files.length,
    rulesChanged,
    announce:
      (rulesChanged || (ownLines.length === 0 && files.length > 0)) &&
      !ownLines.some((line) => line.file === null && line.rules === rules),
  };
}

/** Files that are not recorded with their present size and time of change. */
function newFiles(present: readonly LandingFile[], recorded: readonly FileRead[]): readonly LandingFile[] {
  const recordedFiles = new Set(
    recorded.map(({ file, size, modified }) => JSON.stringify([file, size, modified])),
  );
  return present.filter(
    ({ path, size, modified }) => !recordedFiles.has(JSON.stringify([path, size, modified])),
  );
}

function checkPresent(dataset: string, present: readonly LandingFile[], recorded: readonly FileRead[]): void {
  const paths = new Set(present.map(({ path }) => path));
  const gone = recorded.flatMap(({ file }) => (file === null || paths.has(file) ? [] : [file]));
  if (gone.length > 0) {
    throw new LandingError(
      `A rule of ${dataset} has changed, and ${gone.length} of the files that were read no longer exist, the first ` +
        `${gone[0]}: bring them back, or move silver/${dataset}, quarantine/${dataset} and files_read of the lake away.`,
    );
  }
}

/** The line that announces the rules by which a dataset's silver is about to be made. */
export function announcement({ dataset, rules }: FilesToRead): FileRead {
  return { dataset, file: null, size: null, modified: null, rules };
}

/** The change of the record at the end of a run. */
export interface RecordChange {
  /** Lines for the files that were read to their end. */
  readonly read: readonly FileRead[];
  /** The lines that remain; undefined when all do. */
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
