/** The files of a catalogue, and writing them in place of an older one. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { chartScript, echartsScript, pageFile } from '../../../pipeline/ui/web/assets.ts';
import { contractOf } from './contract.ts';
import { datasetPage } from './dataset_page.ts';
import { eventSchema } from './event_schema.ts';
import { indexPage, searchIndexScript } from './index_page.ts';
import { type Catalogue, contractFile, fileOfDataset, fileOfQuery, schemaFile } from './parts.ts';
import { queryPage } from './query_page.ts';

/** The file by which a folder is known to be a catalogue. */
const marker = 'catalogue.json';

/** The contents of each file by its path. The same catalogue gives the same bytes. */
export async function siteOf(catalogue: Catalogue): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const { version, datasets, answers, places } = catalogue;
  const own = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');
  return new Map<string, string | Uint8Array>([
    ['index.html', indexPage(catalogue)],
    ...datasets.flatMap((dataset): [string, string][] => [
      [fileOfDataset(dataset), datasetPage(dataset, catalogue)],
      [contractFile(dataset), contractOf(dataset, places, version)],
      [schemaFile(dataset), `${JSON.stringify(eventSchema(dataset), null, 2)}\n`],
    ]),
    ...answers.map((answer): [string, string] => [fileOfQuery(answer.query), queryPage(answer, catalogue)]),
    ['style.css', pageFile('style.css') + (await own('catalogue.css'))],
    ['catalogue.js', await own('catalogue.js')],
    ['search_index.js', searchIndexScript(catalogue)],
    ['charts.js', chartScript() + pageFile('report_charts.js')],
    ['echarts.js', echartsScript()],
    [marker, `${JSON.stringify({ version, stack: places.stack })}\n`],
  ]);
}

/** Refuses a folder that holds something else. @throws Error saying what to do */
export async function checkIsCatalogue(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw new Error(`${folder} cannot be a catalogue's folder: ${error.message}. Name another one.`);
  });
  if (names.length > 0 && !names.includes(marker)) {
    throw new Error(
      `${folder} exists and is no catalogue, for it has no ${marker}. Name another folder, or remove it.`,
    );
  }
}

/**
 * Writes the files in place of whatever catalogue the folder held: the whole new one or the old one.
 * @throws Error when the folder holds something else
 */
export async function writeSite(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  await checkIsCatalogue(folder);
  await mkdir(dirname(folder), { recursive: true });
  const aside = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    const written = join(aside, 'new');
    for (const [name, content] of files) {
      await mkdir(dirname(join(written, name)), { recursive: true });
      await writeFile(join(written, name), content);
    }
    if (existsSync(folder)) {
      await rename(folder, join(aside, 'old'));
    }
    await rename(written, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
