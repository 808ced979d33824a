/** The landing files that a changed rule makes the batch read again, and those of them that are gone. */
import { type FileRead, filesReadSchema } from '../../../pipeline/batch/files_read.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { DeltaTable, tablePath } from '../../../pipeline/delta/table.ts';
import { listLandingFiles } from '../../../pipeline/landing/reader.ts';
import { datasetOfTopic } from '../../../pipeline/naming.ts';
import { datasetOf } from './described_tables.ts';
import type { Lifecycle, Version } from './version.ts';

/** Landing files by dataset. */
export interface Landed {
  readonly dataset: string;
  readonly files: number;
  readonly bytes: number;
  /** Files that the lake beside them has read and that exist no more, sorted. */
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
  const present = new Set(files.map(({ path }) => path));
  const named = datasets.map((name) => ({ name }));
  return named.map(({ name }) => {
    const own = files.filter(({ topic }) => datasetOfTopic(named, topic)?.name === name);
    const gone = record.flatMap(({ dataset, file, size }) =>
      dataset !== name || file === null || present.has(file) ? [] : [{ path: file, bytes: size ?? 0 }],
    );
    return {
      dataset: name,
      files: own.length,
      bytes: own.reduce((sum, { size }) => sum + size, 0),
      gone: gone.sort((a, b) => (a.path < b.path ? -1 : 1)),
    };
  });
}

/** The lines of a lake's record; none where there is no lake. */
async function recordIn(folder: string): Promise<readonly Pick<FileRead, 'dataset' | 'file' | 'size'>[]> {
  const table = await DeltaTable.openIfExists(tablePath(folder, 'files_read'));
  const rows = table === undefined ? [] : rowsOf(await table.read({ columns: Object.keys(filesReadSchema) }));
  return rows.map(({ dataset, file, size }) => ({
    dataset: String(dataset),
    file: typeof file === 'string' ? file : null,
    size: typeof size === 'number' ? size : null,
  }));
}

/** The consequence of a changed rule for one dataset, in words. */
export function readAgainInWords({ dataset, landed, lifecycle }: ReadAgain): string {
  const what =
    landed === undefined
      ? `all landing files of ${dataset}`
      : `${counted(landed.files, 'landing file')} of ${dataset} (${readableBytes(landed.bytes)})`;
  const gone = landed === undefined || landed.gone.length === 0 ? undefined : goneInWords(landed);
  return [
    `The rules of ${dataset} change: the next batch reads ${what} again.`,
    ...(lifecycle === undefined ? [] : [lifecycleInWords(lifecycle)]),
    gone ?? 'A lake that has read files which are gone refuses the new rules:',
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

function lifecycleInWords({ landingDays, oldVersionDays }: Lifecycle): string {
  return landingDays === null
    ? 'The bucket deletes no landing file.'
    : `The bucket deletes landing files after ${landingDays} days (lake.landingDays), and keeps them as old versions for ` +
        `${counted(oldVersionDays, 'day')} more (lake.oldVersionDays).`;
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
