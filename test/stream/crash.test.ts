/**
 * The real command is killed at random moments, again and again on the same folders. A moment is counted in what it has done to
 * its files, so that the kills are spread over all that it does however fast the machine is.
 */
import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { datasets } from '../../pipeline/datasets/index.ts';
import { tablePath } from '../../pipeline/delta/table.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { queries } from '../../queries/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { crashSeed, type KilledOrDone, killAt, killOften } from '../support/kill.ts';
import { startCommand } from '../support/process.ts';
import { Choices } from '../support/random.ts';
import {
  batchOf,
  committedIn,
  createStreams,
  type Events,
  eventsOf,
  goldIn,
  send,
  streamOfDataset,
} from './streams.ts';

/** The long form: `CRASH_LAKES=100`. */
const lakes = Number(process.env.CRASH_LAKES ?? 4);
const killsOfLake = 10;
const postsBetweenKills = 12;
/** About as many changes of files as a run makes. */
const changesOfRun = 250;

/** The folders whose files a stream changes, made before it runs so that they can be watched from the start. */
async function foldersOf(
  folder: string,
): Promise<readonly { readonly stage: string; readonly path: string }[]> {
  const lake = join(folder, 'lake');
  const tables = [
    ...datasets.flatMap(({ name }) => [`quarantine/${name}`, `silver/${name}`]),
    ...queries.map(({ name }) => `gold/${name}`),
  ];
  const folders = [
    ...datasets.map(({ name }) => ({
      stage: 'checkpoint',
      path: join(folder, 'checkpoints', streamOfDataset(name)),
    })),
    ...tables.flatMap((table) => {
      const path = tablePath(lake, 'stream', table);
      const [stage = ''] = table.split('/');
      return [
        { stage: `${stage} file`, path },
        { stage: `${stage} commit`, path: join(path, '_delta_log') },
      ];
    }),
  ];
  for (const { path } of folders) {
    await mkdir(path, { recursive: true });
  }
  return folders;
}

/** Runs the command until it ends by itself, or is killed at a change. */
async function runStream(folder: string, change?: number): Promise<KilledOrDone> {
  const folders = await foldersOf(folder);
  const options = [
    ...['--from', `embedded:${join(folder, 'log')}`, '--lake', join(folder, 'lake'), '--no-page'],
    ...['--batch-mebibytes', '0.0008', '--batch-seconds', '0.01'],
    ...['--gold-seconds', '0.05', '--until-idle', '0.1'],
  ];
  return killAt(change, startCommand(['stream', ...options]), (moment) => {
    const watchers = folders.map(({ path, stage }) => watch(path, () => moment(stage)));
    return () => {
      for (const watcher of watchers) {
        watcher.close();
      }
    };
  });
}

/** Kills a stream on one lake, each time with new events in the log; gives at what stages, and checks what came of it. */
async function killOnLake(lake: number, seed: number): Promise<readonly string[]> {
  const choices = new Choices(seed + lake);
  const folder = temporaryFolder('stream-crash');
  const log = await EmbeddedLog.open(join(folder, 'log'));
  await createStreams(log, 2);
  const parts: Events[] = [];
  const stages = await killOften(killsOfLake, async (round) => {
    const part = eventsOf(round * (postsBetweenKills - 2), postsBetweenKills, seed);
    parts.push(part);
    await send(log, part);
    return runStream(folder, choices.below(changesOfRun));
  });
  await runStream(folder);
  const expected = await batchOf(join(folder, 'landing'), parts);
  expect(await committedIn(join(folder, 'lake'))).toEqual(expected);
  expect(await goldIn(join(folder, 'lake'))).toEqual(expected.answers);
  await log.close();
  return stages;
}

it(`a stream stores each row and each quarantined record once and gives the batch’s answers, after ${lakes * killsOfLake} kills`, async () => {
  const seed = crashSeed();
  const waiting = Array.from({ length: lakes }, (_, lake) => lake);
  const stages: string[] = [];
  const work = async (): Promise<void> => {
    for (let lake = waiting.shift(); lake !== undefined; lake = waiting.shift()) {
      stages.push(...(await killOnLake(lake, seed)));
    }
  };
  await Promise.all([work(), work()]);
  const counts = new Map<string, number>();
  for (const stage of stages) {
    counts.set(stage, (counts.get(stage) ?? 0) + 1);
  }
  console.info(
    `killed ${stages.length} times, at: ${[...counts].map(([stage, count]) => `${stage} ${count}`).join(', ')}`,
  );
}, 600_000);
