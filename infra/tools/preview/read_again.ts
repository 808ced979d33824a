/** The landing files that a changed rule makes the batch read again, and those of them that are gone. */
import { bronzePath, filesInBronze } from '../../../pipeline/batch/bronze.ts';
import { type FileRead, filesReadSchema, goneFiles, recordOf } from '../../../pipeline/batch/files_read.ts';
import { DeltaTable, tablePath } from '../../../pipeline/delta/table.ts';
import { listLandingFiles } from '../../../pipeline/landing/reader.ts';
import { datasetOfTopic } from '../../../pipeline/naming.ts';
import { datasetOf } from './described_tables.ts';
import type { Lifecycle, Version } from './version.ts';

interface Counted {
  readonly files: number;
  readonly bytes: number;
}

/** Landing files by dataset. */
export interface Landed {
  readonly dataset: string;
  readonly files: number;
  readonly bytes: number;
  /** Files that the lake beside them has read and that exist no more, whose lines are in its bronze. */
  readonly inBronze: Counted;
  /** Those whose lines are nowhere, sorted. */
  readonly gone: readonly { readonly path: string; readonly bytes: number }[];
}

export interface ReadAgain {
  readonly dataset: string;
  /** Undefined where no data folder was named. */
  readonly landed: Landed | undefined;
  /** Undefined where the version does not tell it. */
  readonly lifecycle: Lifecycle | undefined;
}

/** The datasets whose rules differ. Those of a version that does not tell its rules are not compared. */
export function readAgain(before: Version, after: Version, landed?: readonly Landed[]): readonly ReadAgain[] {
  return Object.entries(after.tables).flatMap(([table, { rules, sameRules }]) => {
    const dataset = datasetOf(table);
    const old = before.tables[table]?.rules;
    return dataset === undefined || old === undefined || rules === old || sameRules?.includes(old)
      ? []
      : [
          {
            dataset,
            landed: landed?.find((one) => one.dataset === dataset),
            lifecycle: after.lifecycle,
          },
        ];
  });
}

/**
 * The landing files below a data folder, compared with the record `files_read` where a lake lies beside them.
 * @param folder the folder or S3 URL that holds `topics/`
 */
export async function landedFiles(folder: string, datasets: readonly string[]): Promise<readonly Landed[]> {
  const [{ files }, record] = await Promise.all([listLandingFiles(folder), recordIn(folder)]);
  const named = datasets.map((name) => ({ name }));
  const landed = named.map(async ({ name }) => {
    const own = files.filter(({ topic }) => datasetOfTopic(named, topic)?.name === name);
    const gone = goneFiles(
      own,
      record.filter(({ dataset }) => dataset === name),
    );
    const table = gone.length === 0 ? undefined : await DeltaTable.openIfExists(bronzePath(folder, name));
    const held = await filesInBronze(table, gone);
    const lost = gone.filter((file) => !held.includes(file));
    return {
      dataset: name,
      ...countOf(own),
      inBronze: countOf(held),
      gone: lost.map(({ path, size }) => ({ path, bytes: size })).sort((a, b) => (a.path < b.path ? -1 : 1)),
    };
  });
  return Promise.all(landed);
}

function countOf(files: readonly { readonly size: number }[]): Counted {
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** The lines of a lake's record; none where there is no lake. */
async function recordIn(folder: string): Promise<readonly FileRead[]> {
  const table = await DeltaTable.openIfExists(tablePath(folder, 'files_read'));
  return table === undefined ? [] : recordOf(await table.read({ columns: Object.keys(filesReadSchema) }));
}

/** The consequence of a changed rule for one dataset, in words. */
export function readAgainInWords({ dataset, landed, lifecycle }: ReadAgain): string {
  const what =
    landed === undefined
      ? `all landing files of ${dataset}`
      : `${counted(landed.files, 'landing file')} of ${dataset} (${readableBytes(landed.bytes)})`;
  const held = landed?.inBronze ?? { files: 0, bytes: 0 };
  const isKept = held.files > 0 || (lifecycle?.bronzeDays ?? null) !== null;
  const gone = landed === undefined || landed.gone.length === 0 ? undefined : goneInWords(landed);
  const nowhere = isKept ? 'files which are gone and not in bronze' : 'files which are gone';
  return [
    `The rules of ${dataset} change: the next batch reads ${what} again.`,
    ...(held.files === 0
      ? []
      : [
          `Of ${counted(held.files, 'file')} more that ${held.files === 1 ? 'is' : 'are'} gone (${readableBytes(held.bytes)}), it reads the lines in bronze/${dataset}.`,
        ]),
    ...(lifecycle === undefined ? [] : [lifecycleInWords(lifecycle)]),
    gone ?? `A lake that has read ${nowhere} refuses the new rules:`,
    `bring those files back first, or move silver/${dataset}, quarantine/${dataset} and files_read of the lake away, which gives up their rows.`,
  ].join(' ');
}

function goneInWords({ gone }: Landed): string {
  const bytes = gone.reduce((sum, one) => sum + one.bytes, 0);
  return (
    `The lake has read ${counted(gone.length, 'file')} that ${gone.length === 1 ? 'is' : 'are'} gone ` +
    `(${readableBytes(bytes)}; the first is ${gone[0]?.path}), so it refuses the new rules:`
  );
}

function lifecycleInWords({ landingDays, bronzeDays, oldVersionDays }: Lifecycle): string {
  const bronze =
    bronzeDays === null
      ? ''
      : ` Their lines are in bronze for ${bronzeDays} days (lake.bronzeDays), and are read there.`;
  return landingDays === null
    ? 'The bucket deletes no landing file.'
    : `The bucket deletes landing files after ${landingDays} days (lake.landingDays), and keeps them as old versions for ` +
        `${counted(oldVersionDays, 'day')} more (lake.oldVersionDays).${bronze}`;
}

/** A number with its noun. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function readableBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${units[power]}`;
}
