/** The effect of a change on the answers: both versions of the plan run over the same landing files. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { writeLanding } from '../../../emulator/landing.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { readDeltaTable } from '../../../pipeline/delta/table.ts';
import { type Row, type TableDifference, tableDifference } from './table_difference.ts';
import { VersionError } from './version.ts';

const run = promisify(execFile);

export const tableRows = z.record(z.string(), z.array(z.record(z.string(), z.json())));
/** Rows by table: silver tables as `silver/<dataset>`, answers by their name. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** Posts that a preview is made over where no lake is named: always the same, enough for every answer to have rows. */
const fixture = { posts: 2000, seed: 1 };

/** Lays out the fixture's landing files. */
export async function withFixture<T>(use: (landing: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    await writeLanding(folder, fixture);
    return use(folder);
  });
}

/**
 * Runs a version's own batch command over landing files.
 * @param folder the version's files
 * @param landing the folder or S3 URL that holds `topics/`
 * @throws VersionError with what the command said
 */
export async function tablesIn(folder: string, landing: string): Promise<Tables> {
  const command = batchCommand(folder);
  if (command === undefined) {
    return {};
  }
  return withFolder(async (output) => {
    const lake = join(output, 'lake');
    const json = join(output, 'answers.json');
    const report = join(output, 'report.html');
    const args = ['--landing', landing, '--lake', lake, '--json', json, '--report', report];
    await run(process.execPath, [...command, ...args], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    }).catch((error: { stderr?: string }) => {
      throw new VersionError(`The batch in ${folder} fails over ${landing}: ${String(error.stderr).trim()}`);
    });
    const answers = tableRows.parse(JSON.parse(await readFile(json, 'utf8')));
    return { ...(await silverTables(join(lake, 'silver'))), ...answers };
  });
}

/** Node's arguments for a version's batch: the bundle takes a quarter of the time, and old versions have none. */
function batchCommand(folder: string): readonly string[] | undefined {
  const bundled = join('scripts', 'run.mjs');
  const source = join('pipeline', 'commands', 'batch.ts');
  if (existsSync(join(folder, bundled))) {
    return [bundled, 'batch'];
  }
  return existsSync(join(folder, source)) ? ['--import', 'tsx', source] : undefined;
}

/** Every table of either version, compared; those of silver first. */
export function answersDifference(before: Tables, after: Tables): readonly TableDifference[] {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return names.map((name) => tableDifference(name, before[name] ?? [], after[name] ?? []));
}

async function silverTables(silver: string): Promise<Tables> {
  if (!existsSync(silver)) {
    return {};
  }
  const names = (await readdir(silver)).sort();
  const tables = names.map(
    async (name): Promise<[string, readonly Row[]]> => [
      `silver/${name}`,
      rowsOf(await readDeltaTable(join(silver, name))),
    ],
  );
  return Object.fromEntries(await Promise.all(tables));
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pinterest-answers-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
