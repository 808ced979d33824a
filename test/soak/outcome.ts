/** What a soak has left: each post in the lake and in the landing files, and each record of the log in these once. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { readDeltaTable, tablePath } from '../../pipeline/delta/table.ts';
import { parseLandingFile } from '../../pipeline/landing/layout.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import type { DatasetOutcome } from './soak.ts';

/**
 * @param posts those that were sent, numbered from 0
 * @param totals the lines in which the stream says what it has read
 */
export async function outcomeOf(folder: string, posts: number, totals: string): Promise<DatasetOutcome[]> {
  const log = await EmbeddedLog.open(join(folder, 'log'), { readOnly: true });
  try {
    const outcomes: DatasetOutcome[] = [];
    for (const dataset of datasets) {
      const shards = await log.shards(dataset.name);
      const ends = await Promise.all(shards.map(({ id }) => log.latest(dataset.name, id)));
      outcomes.push({
        dataset: dataset.name,
        records: ends.reduce((sum, end) => sum + Number(end), 0),
        counted: countedIn(totals, dataset.name),
        ...(await landedOf(join(folder, 'landing'), dataset, posts)),
        ...(await rowsIn(join(folder, 'lake'), dataset, posts)),
      });
    }
    return outcomes;
  } finally {
    await log.close();
  }
}

/** The column of silver that holds the number of a post. */
const postColumn = 'ind';

async function rowsIn(lake: string, { name }: Dataset, posts: number) {
  const table = await readDeltaTable(tablePath(lake, 'stream', 'silver', name), { columns: [postColumn] });
  const found = new Uint8Array(posts);
  for (const row of rowsOf(table)) {
    found[Number(row[postColumn])] = 1;
  }
  const quarantine = await readDeltaTable(tablePath(lake, 'stream', 'quarantine', name));
  return { rows: table.length, withoutRow: missingIn(found), quarantined: quarantine.length };
}

async function landedOf(landing: string, { name: topic, key }: Dataset, posts: number) {
  const found = new Uint8Array(posts);
  const next = new Map<number, bigint>();
  const gaps: string[] = [];
  let landed = 0;
  const root = join(landing, 'topics', topic);
  for (const partition of (await readdir(root)).sort()) {
    for (const file of (await readdir(join(root, partition))).sort()) {
      const name = parseLandingFile(`topics/${topic}/${partition}/${file}`);
      if (name === null) {
        continue;
      }
      const lines = (await readFile(join(root, partition, file), 'utf8')).split('\n').slice(0, -1);
      if (name.firstOffset !== (next.get(name.partition) ?? 0n)) {
        gaps.push(file);
      }
      next.set(name.partition, name.firstOffset + BigInt(lines.length));
      landed += lines.length;
      for (const line of lines) {
        found[Number(JSON.parse(line)[key])] = 1;
      }
    }
  }
  return { landed, gaps, notLanded: missingIn(found) };
}

function missingIn(found: Uint8Array): number {
  return found.reduce((missing, isFound) => missing + (isFound === 1 ? 0 : 1), 0);
}

/** The numbers of a line such as `pin: read 1,020, kept 1,000, repeated 20, …`. */
function countedIn(totals: string, dataset: string): DatasetOutcome['counted'] {
  const [, ...counts] =
    new RegExp(`^${dataset}: read (\\S+), kept (\\S+), repeated (\\S+),`, 'm').exec(totals) ?? [];
  const [read = Number.NaN, kept = Number.NaN, repeated = Number.NaN] = counts.map((count) =>
    Number(count.replaceAll(',', '')),
  );
  return { read, kept, repeated };
}
