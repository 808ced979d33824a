/** Landing files → nine answers, by us and by a peer in turns, with their answers compared. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { writeLanding } from '../emulator/landing.ts';
import { differenceOf } from './compare_answers.ts';
import {
  coldPeer,
  isOurStart,
  missingPeer,
  type OurStart,
  ours,
  type PeerName,
  peers,
  type Run,
  type Runner,
  versionOf,
  type Work,
  warmPeer,
} from './contestants.ts';
import { type Comparison, type KindOfWork, now, type stages } from './results.ts';

/** Creates landing files of so many posts and an empty folder beside them for some work, and removes both after it. */
export async function withLanding<T>(
  posts: number,
  work: (landing: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const landing = join(folder, 'landing');
    await writeLanding(landing, { posts, seed: 1 });
    const beside = join(folder, 'beside');
    await mkdir(beside);
    return await work(landing, beside);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A comparison to make. */
export interface Match {
  readonly work: KindOfWork;
  /** A peer; or our batch through npm, which shows the cost of npm. */
  readonly peer: PeerName | OurStart;
  readonly posts: number;
  readonly runs: number;
  readonly landing: string;
}

/**
 * Runs our batch and a peer in turns.
 * @throws Error when one of them fails, or the peer is not set up
 */
export async function compare(match: Match): Promise<Comparison> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const us = ours('without npm');
    const theirs = await runnerOf(match, folder);
    try {
      return await takeTurns(match, { us, theirs }, folder);
    } finally {
      await theirs.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runnerOf({ work, peer, landing }: Match, folder: string): Promise<Runner> {
  if (isOurStart(peer)) {
    return ours(peer);
  }
  const missing = missingPeer(peer);
  if (missing !== undefined) {
    throw new Error(missing);
  }
  // Nobody starts Spark for one answer: its start and warm-up are not counted.
  const warm = peer === 'pyspark' && work !== 'start';
  return warm ? await warmPeer(peer, { landing, folder, tables: false }) : coldPeer(peer);
}

async function takeTurns(
  { work, peer, posts, runs, landing }: Match,
  { us, theirs }: { us: Runner; theirs: Runner },
  folder: string,
): Promise<Comparison> {
  const request: Work = { landing, folder, tables: work === 'lake' };
  const [ourRuns, theirRuns, split]: [Run[], Run[], Stages[]] = [[], [], []];
  let difference: string | undefined;
  const built = join(folder, 'builds', 'ours', 'batch');
  if (work === 'answers') {
    const { build } = await import(new URL('../scripts/build.mjs', import.meta.url).href);
    await build(built);
  }
  for (let turn = 0; turn < runs; turn += 1) {
    const our = await us.run(request);
    const their = await theirs.run(request);
    difference ??= differenceOf(our.answers, their.answers);
    ourRuns.push(our);
    theirRuns.push(their);
    if (work === 'answers' && Object.keys(their.stages).length > 0) {
      split.push({ ours: await ourStages(landing, built), theirs: await stagesOf(their, theirs, request) });
    }
  }
  return {
    ...now(),
    work,
    posts,
    peer,
    ...(isOurStart(peer)
      ? { title: `ours, ${peer}`, version: '', note: '' }
      : { title: peers[peer].title, version: versionOf(peer), note: noteOf(peer, work) }),
    ours: ourRuns.map(usageOf),
    theirs: theirRuns.map(usageOf),
    stages: byStage(split),
    difference: difference ?? null,
  };
}

function noteOf(peer: PeerName, work: KindOfWork): string {
  const warm = peer === 'pyspark' && work !== 'start' ? 'warm, its start not counted; ' : '';
  return `${warm}${peers[peer].note}`;
}

type StageSeconds = Record<(typeof stages)[number], number>;
interface Stages {
  readonly ours: StageSeconds;
  readonly theirs: StageSeconds;
}

function byStage(split: readonly Stages[]): Comparison['stages'] {
  const of = (stage: keyof StageSeconds) => ({
    ours: split.map(({ ours }) => ours[stage]),
    theirs: split.map(({ theirs }) => theirs[stage]),
  });
  return split.length === 0 ? {} : { decode: of('decode'), read: of('read'), answers: of('answers') };
}

/** The stages of a peer's run. A peer that cleans as it reads runs once more only to read. */
async function stagesOf({ stages }: Run, theirs: Runner, request: Work): Promise<StageSeconds> {
  const { decode, clean = 0, read = (decode ?? 0) + clean, answers = Number.NaN } = stages;
  return { decode: decode ?? (await theirs.decode(request)), read, answers };
}

const ourStageSeconds = z.object({ decode: z.number(), read: z.number(), answers: z.number() });

/** @param build the folder that `batch` was built into */
async function ourStages(landing: string, build: string): Promise<StageSeconds> {
  const program = fileURLToPath(new URL('./our_stages.ts', import.meta.url));
  const args = ['--import', import.meta.resolve('tsx'), program, landing];
  const env = { ...process.env, PINTEREST_BUILD: build };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return ourStageSeconds.parse(JSON.parse(stdout));
}

function usageOf({ seconds, cpuSeconds, peakBytes }: Run): Comparison['ours'][number] {
  return { seconds, cpuSeconds, peakBytes };
}
