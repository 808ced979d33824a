/** Events in streams, and what the stream path must make of them: what the batch path does of the same events. */
import { expect } from 'vitest';
import { generateEvents } from '../../emulator/generator.ts';
import { answer, cleanLanding, runBatch } from '../../pipeline/batch/run.ts';
import { type ColumnarTable, rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { readDeltaTable, tablePath } from '../../pipeline/delta/table.ts';
import { landingFile } from '../../pipeline/landing/layout.ts';
import type { EventLog } from '../../pipeline/log/log.ts';
import { namesOf } from '../../pipeline/naming.ts';
import { queries } from '../../queries/index.ts';
import { land } from '../support/landing.ts';

/** The events of each dataset, by its name. */
export type Events = Readonly<Record<string, readonly string[]>>;

/** Posts as events of all datasets; every fifth comes again, every seventh is no event. */
export function eventsOf(first: number, posts: number, seed = 1): Events {
  const lines: Record<string, string[]> = {};
  for (let index = first; index < first + posts; index += 1) {
    const post = generateEvents(datasets, index, seed);
    for (const { name } of datasets) {
      const line = JSON.stringify(post[name]);
      const into = lines[name] ?? [];
      lines[name] = into;
      into.push(line);
      if (index % 5 === 0) {
        into.push(line);
      }
      if (index % 7 === 0) {
        into.push(index % 2 === 0 ? `{"index":${index},` : `{"title":"no key ${index}"}`);
      }
    }
  }
  return lines;
}

/** Appends events to the streams of their datasets, or to others. */
export async function send(
  log: EventLog,
  events: Events,
  streamOf: (name: string) => string = streamOfDataset,
): Promise<void> {
  for (const [name, lines] of Object.entries(events)) {
    for (let from = 0; from < lines.length; from += 500) {
      await log.append(
        streamOf(name),
        lines.slice(from, from + 500).map((line) => ({ value: Buffer.from(line) })),
      );
    }
  }
}

export function streamOfDataset(name: string): string {
  return `streaming-${name}`;
}

export async function createStreams(log: EventLog, shards = 1): Promise<void> {
  for (const dataset of datasets) {
    await log.createTopic(namesOf(dataset).stream, shards);
  }
}

/** A path's results in sorted order: silver and quarantine by dataset, answers by query. */
export interface Result {
  readonly silver: Readonly<Record<string, readonly string[]>>;
  readonly quarantine: Readonly<Record<string, readonly string[]>>;
  readonly answers: Readonly<Record<string, unknown>>;
}

/** The batch path's results over events. */
export async function batchOf(folder: string, parts: readonly Events[], of = datasets): Promise<Result> {
  for (const { name } of of) {
    const lines = parts.flatMap((part) => part[name] ?? []);
    await land(folder, landingFile(name, 0, 0), lines);
  }
  const { answers } = await runBatch({ landing: folder, datasets: of, queries: queriesOf(of) });
  const landing = await cleanLanding(folder, of);
  return {
    silver: mapped(of.map(({ name }) => [name, sorted(landing.silver[name])])),
    quarantine: mapped(of.map(({ name }) => [name, sorted(landing.quarantine[name], ['text', 'reason'])])),
    answers: mapped(answers.map(({ query, table }) => [query.name, rowsOf(table)])),
  };
}

/** The stream path's commits below a lake; its answers are computed from the silver that is read back. */
export async function committedIn(lake: string, of = datasets): Promise<Result> {
  const read = (layer: string, name: string) => readDeltaTable(tablePath(lake, 'stream', layer, name));
  const silver: [string, ColumnarTable][] = [];
  const quarantine: [string, readonly string[]][] = [];
  for (const { name } of of) {
    silver.push([name, await read('silver', name)]);
    const table = await read('quarantine', name);
    const records = sorted(table, ['source', 'shard', 'position']);
    expect(new Set(records).size, `a record of ${name} is in quarantine twice`).toBe(records.length);
    quarantine.push([name, sorted(table, ['text', 'reason'])]);
  }
  const answers = answer(queriesOf(of), Object.fromEntries(silver));
  return {
    silver: mapped(silver.map(([name, table]) => [name, sorted(table)])),
    quarantine: mapped(quarantine),
    answers: mapped(answers.map(({ query, table }) => [query.name, rowsOf(table)])),
  };
}

/** The answers in gold. */
export async function goldIn(lake: string): Promise<Result['answers']> {
  const gold: [string, unknown][] = [];
  for (const { name } of queries) {
    gold.push([name, rowsOf(await readDeltaTable(tablePath(lake, 'stream', 'gold', name)))]);
  }
  return mapped(gold);
}

/** Those that can be asked of the datasets: all, or none where one is missing. */
function queriesOf(of: typeof datasets): typeof queries {
  return of.length === datasets.length ? queries : [];
}

function sorted(table: ColumnarTable | undefined, columns?: readonly string[]): readonly string[] {
  return rowsOf(table ?? expect.fail('there is no such table'))
    .map((row) => JSON.stringify(columns === undefined ? row : columns.map((column) => row[column])))
    .sort();
}

function mapped<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}
