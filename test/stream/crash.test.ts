/**
 * The real command is killed at random moments, again and again on the same folders. A moment is counted in what it has done to
 * its files, so that the kills are spread over all that it does however fast the machine is.
 */
import { watch } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { datasets } from '../../pipeline/datasets/index.ts';
import { tablePath } from '../../pipeline/delta/table.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { queries } from '../../queries/index.ts';
import { type Ended, runStreamCommand } from './stream_command.ts';
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

const lakes = 10;
const killsOfLake = 10;
const postsBetweenKills = 12;
/** About as many changes of files as a run makes. */
const changesOfRun = 250;

/** A generator of numbers from 0 up to 1 that a seed repeats (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

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
  for (const { path } of folders) await mkdir(path, { recursive: true });
  return folders;
}

interface EndedAt extends Ended {
  /** What the last change was of. */
  readonly stage: string;
  readonly changes: number;
}

/** Runs the command until it ends by itself, or is killed at a change. */
async function runCommand(folder: string, killAt: number): Promise<EndedAt> {
  const folders = await foldersOf(folder);
  const options = [
    ...['--from', `embedded:${join(folder, 'log')}`, '--lake', join(folder, 'lake'), '--no-page'],
    ...[
      '--batch-mebibytes',
      '0.0008',
      '--batch-seconds',
      '0.01',
      '--gold-seconds',
      '0.05',
      '--until-idle',
      '0.1',
    ],
  ];
  const command = runStreamCommand(options);
  let stage = 'start';
  let changes = 0;
  const onChange = (changed: string): void => {
    stage = changed;
    changes += 1;
    if (changes === killAt) command.kill();
  };
  const watchers = folders.map((watched) => watch(watched.path, () => onChange(watched.stage)));
  if (killAt === 0) command.kill();
  const ended = await command.ended;
  for (const watcher of watchers) watcher.close();
  return { stage, changes, ...ended };
}

/** Kills a stream on one lake, each time with new events in the log; gives at what stages, and checks what came of it. */
async function killOften(lake: number, seed: number): Promise<readonly string[]> {
  const random = randomOf(seed + lake);
  const folder = await mkdtemp(join(tmpdir(), 'stream-crash-'));
  const stages: string[] = [];
  try {
    const log = await EmbeddedLog.open(join(folder, 'log'));
    await createStreams(log, 2);
    const parts: Events[] = [];
    for (let round = 0; stages.length < killsOfLake; round += 1) {
      const part = eventsOf(round * (postsBetweenKills - 2), postsBetweenKills, seed);
      parts.push(part);
      await send(log, part);
      const ended = await runCommand(folder, Math.floor(random() * changesOfRun));
      expect(ended.signal ?? ended.status, ended.errors).toBeOneOf(['SIGKILL', 0]);
      if (ended.signal === 'SIGKILL') stages.push(ended.stage);
    }
    const ended = await runCommand(folder, -1);
    expect(ended.status, ended.errors).toBe(0);
    const expected = await batchOf(join(folder, 'landing'), parts);
    expect(await committedIn(join(folder, 'lake'))).toEqual(expected);
    expect(await goldIn(join(folder, 'lake'))).toEqual(expected.answers);
    await log.close();
    return stages;
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('a stream stores each row and each quarantined record once and gives the batch’s answers, after 100 kills', async () => {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
  console.info(`seed ${seed}: run again with CRASH_SEED=${seed}`);
  const waiting = Array.from({ length: lakes }, (_, lake) => lake);
  const stages: string[] = [];
  const work = async (): Promise<void> => {
    for (let lake = waiting.shift(); lake !== undefined; lake = waiting.shift()) {
      stages.push(...(await killOften(lake, seed)));
    }
  };
  await Promise.all([work(), work()]);
  const counts = new Map<string, number>();
  for (const stage of stages) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  console.info(
    `killed ${stages.length} times, at: ${[...counts].map(([stage, count]) => `${stage} ${count}`).join(', ')}`,
  );
}, 600_000);
