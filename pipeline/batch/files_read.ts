/**
 * Chooses the landing files that a batch has to read: those that the lake's record does not list. The record is the table
 * `<lake>/files_read`, the same for Node and Spark (docs/decisions/files-read.md). Pure; the tables are in `lake_tables.ts`.
 */
import { type ColumnarTable, rowsOf, tableOfRows } from '../columns/table.ts';
import type { LandingFile } from '../landing/reader.ts';
import type { Schema } from '../plan/types.ts';

export const filesReadSchema = {
  dataset: 'text',
  file: 'text',
  size: 'bigint',
  modified: 'bigint',
  rules: 'text',
} as const satisfies Schema;

/** A line of the record: of a landing file, or of a table that holds what files were read into. */
export interface FileRead {
  /** The dataset; the path of the table in the line of a table, such as `silver/pin`. */
  readonly dataset: string;
  /**
   * From the landing folder. Null in a line that announces the rules by which silver is about to be made; the table's id in
   * the line of a table.
   */
  readonly file: string | null;
  /** Bytes; null when `file` is; the table's version in the line of a table. */
  readonly size: number | null;
  /** Milliseconds since 1970; null when `file` is, and in the line of a table. */
  readonly modified: number | null;
  /** The fingerprint of the rules by which the file was read; empty in the line of a table. */
  readonly rules: string;
}

/** The lines of the record's table. */
export function recordOf(table: ColumnarTable): readonly FileRead[] {
  return rowsOf(table).map(({ dataset, file, size, modified, rules }) => ({
    dataset: String(dataset),
    file: file === null ? null : String(file),
    size: size === null ? null : Number(size),
    modified: modified === null ? null : Number(modified),
    rules: String(rules),
  }));
}

export function tableOfRecord(lines: readonly FileRead[]): ColumnarTable {
  return tableOfRows(
    filesReadSchema,
    lines.map((line) => ({ ...line })),
  );
}

/** A table that holds what a dataset's files were read into, as it is now. */
export interface HoldingTable {
  /** From the lake: `silver/<dataset>` or `quarantine/<dataset>`. */
  readonly path: string;
  /** The id in its log; undefined where there is no such table. */
  readonly id: string | undefined;
  readonly version: number;
}

/** The files of one dataset that a run has to read. */
export interface FilesToRead {
  readonly dataset: string;
  /** The fingerprint of its rules; empty where no record is kept. */
  readonly rules: string;
  /** The landing files that exist. */
  readonly present: readonly LandingFile[];
  readonly files: readonly LandingFile[];
  /** Those of `files` that exist no more. */
  readonly gone: readonly LandingFile[];
  /** The number of landing files whose rows the lake holds already. */
  readonly filesBefore: number;
  /**
   * Silver and quarantine are replaced by what is read now, for this reason: a rule has changed, or the tables are not those
   * that the record was made for.
   */
  readonly anew: string | undefined;
  /** The record must tell the rules before silver is written, or a killed run would leave rows of unknown rules. */
  readonly announce: boolean;
}

/**
 * The files of one dataset that the record does not list as they are now; all of them, those that are gone too, when a rule has
 * changed, or when the tables are not those that the record was made for.
 * @param rules the fingerprint of the present rules, then those of the same rules in other words
 * @param recorded all lines of the record, those of other datasets too
 * @param tables the tables that hold what was read
 */
export function filesToRead(
  dataset: string,
  [rules, ...former]: readonly [present: string, ...former: string[]],
  present: readonly LandingFile[],
  recorded: readonly FileRead[],
  tables: readonly HoldingTable[],
): FilesToRead {
  const ownLines = recorded.filter((line) => line.dataset === dataset);
  const holdsFiles = ownLines.some(({ file }) => file !== null);
  const isOfRules = (line: FileRead) => line.rules === rules || former.includes(line.rules);
  const anew = !ownLines.every(isOfRules)
    ? `A rule of ${dataset} has changed`
    : holdsFiles
      ? tables.map((table) => differenceOf(table, recorded)).find((difference) => difference !== undefined)
      : undefined;
  const gone = anew === undefined ? [] : goneFiles(present, ownLines);
  const files = anew === undefined ? newFiles(present, ownLines) : [...present, ...gone];
  return {
    dataset,
    rules,
    present,
    files,
    gone,
    filesBefore: present.length + gone.length - files.length,
    anew,
    announce:
      (anew !== undefined || (ownLines.length === 0 && files.length > 0)) &&
      !ownLines.some((line) => line.file === null && isOfRules(line)),
  };
}

/** The difference of a table from the one that the record was made for; undefined where it is that one, or none was noted. */
function differenceOf(
  { path, id, version }: HoldingTable,
  recorded: readonly FileRead[],
): string | undefined {
  if (id === undefined) {
    return `The table ${path} of the lake is gone, or its log`;
  }
  const lines = recorded.filter(({ dataset }) => dataset === path);
  if (lines.some(({ file }) => file !== id)) {
    return `The table ${path} of the lake is another one than files were read into`;
  }
  const last = Math.max(-1, ...lines.map(({ size }) => size ?? -1));
  return version < last
    ? `The table ${path} of the lake is at version ${version}, though files were read into it up to version ${last}`
    : undefined;
}

/** A landing file as it was when it was listed. */
export type FileForm = Pick<LandingFile, 'path' | 'size' | 'modified'>;

/** A text that is the same for the same file with the same size and time of change. */
export function formOf({ path, size, modified }: FileForm): string {
  return `${size} ${modified} ${path}`;
}

function formOfRead({ file, size, modified }: FileRead): string {
  return `${size} ${modified} ${file}`;
}

/** Files that are not recorded with their present size and time of change. */
function newFiles(present: readonly LandingFile[], recorded: readonly FileRead[]): readonly LandingFile[] {
  const recordedForms = new Set(recorded.map(formOfRead));
  return present.filter((file) => !recordedForms.has(formOf(file)));
}

/** Files that are recorded and not present, as they were read. */
export function goneFiles(
  present: readonly LandingFile[],
  recorded: readonly FileRead[],
): readonly LandingFile[] {
  const paths = new Set(present.map(({ path }) => path));
  return recorded.flatMap(({ file, size, modified }) =>
    file === null || paths.has(file)
      ? []
      : [{ path: file, topic: file.split('/')[1] ?? '', size: size ?? 0, modified: modified ?? 0 }],
  );
}

/** The line that announces the rules by which a dataset's silver is about to be made. */
export function announcement({ dataset, rules }: FilesToRead): FileRead {
  return { dataset, file: null, size: null, modified: null, rules };
}

/** The change of the record at the end of a run. */
export interface RecordChange {
  /** Lines for the files that were read to their end, and for the tables that hold them. */
  readonly read: readonly FileRead[];
  /** The lines that remain; undefined when all do. */
  readonly kept: readonly FileRead[] | undefined;
}

/**
 * The record after a run.
 * @param tables the tables that hold what was read, after it was
 * @param unreadable paths of files that were not read to their end: they are read again the next time
 */
export function recordChange(
  reading: readonly FilesToRead[],
  recorded: readonly FileRead[],
  tables: readonly HoldingTable[],
  unreadable: ReadonlySet<string>,
): RecordChange {
  const read = reading.flatMap(({ dataset, rules, files }) =>
    files
      .filter(({ path }) => !unreadable.has(path))
      .map(({ path, size, modified }): FileRead => ({ dataset, file: path, size, modified, rules })),
  );
  const changed = new Set(reading.filter(({ anew }) => anew !== undefined).map(({ dataset }) => dataset));
  const done = new Set(reading.map(({ dataset }) => dataset));
  const replaced = new Set(read.map(({ dataset, file }) => JSON.stringify([dataset, file])));
  const isOfOtherTable = ({ dataset, file, size }: FileRead) =>
    tables.some(({ path, id, version }) => path === dataset && (file !== id || (size ?? -1) > version));
  const kept = recorded.filter(
    (line) =>
      !changed.has(line.dataset) &&
      !(line.file === null && done.has(line.dataset)) &&
      !replaced.has(JSON.stringify([line.dataset, line.file])) &&
      !isOfOtherTable(line),
  );
  const noted = tables.flatMap((table) => noteOf(table, read.length > 0, kept));
  return { read: [...read, ...noted], kept: kept.length === recorded.length ? undefined : kept };
}

/** The line of a table. Where nothing was read its version tells nothing new: a compaction may have raised it. */
function noteOf(
  { path, id, version }: HoldingTable,
  wasRead: boolean,
  kept: readonly FileRead[],
): FileRead[] {
  const lines = kept.filter(({ dataset }) => dataset === path);
  const isNoted = wasRead ? lines.some(({ size }) => size === version) : lines.length > 0;
  return id === undefined || isNoted
    ? []
    : [{ dataset: path, file: id, size: version, modified: null, rules: '' }];
}

/**
 * The record after landing files were written again without some lines, so that they count as read.
 * @param before as they were
 * @param after as they are now; those that were removed are not there
 */
export function recordOfRewritten(
  recorded: readonly FileRead[],
  before: readonly LandingFile[],
  after: readonly LandingFile[],
): readonly FileRead[] {
  const asTheyWere = new Set(before.map(formOf));
  const now = new Map(after.map((file) => [file.path, file]));
  return recorded.flatMap((line) => {
    if (!asTheyWere.has(formOfRead(line))) {
      return [line];
    }
    const file = now.get(line.file ?? '');
    return file === undefined ? [] : [{ ...line, size: file.size, modified: file.modified }];
  });
}
