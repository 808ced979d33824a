/** The file of results, to which each measurement is added as soon as it is done. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../pipeline/storage/durable_files.ts';

const run = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakBytes: z.number(),
});

const where = z.object({
  /** The time of the measurement. */
  at: z.iso.datetime(),
  commit: z.string(),
});

/** The kinds of work that contestants are compared by. */
export const kindsOfWork = ['answers', 'lake', 'start'] as const;
export type KindOfWork = (typeof kindsOfWork)[number];

/** Seconds of each run by stage. `read` is from JSON to cleaned tables, decoding included. */
export const stages = ['decode', 'read', 'answers'] as const;

/** Our runs and those of one peer, in turns, over the same landing files. */
const comparison = where.extend({
  work: z.enum(kindsOfWork),
  posts: z.number(),
  peer: z.string(),
  title: z.string(),
  version: z.string(),
  note: z.string(),
  ours: z.array(run),
  theirs: z.array(run),
  stages: z.partialRecord(
    z.enum(stages),
    z.object({ ours: z.array(z.number()), theirs: z.array(z.number()) }),
  ),
  /** The first difference from our answers; null when they are the same. */
  difference: z.string().nullable(),
});

/** Events from landing files or a log to committed rows and answers, on one core. */
const stream = where.extend({
  contestant: z.string(),
  version: z.string(),
  note: z.string(),
  events: z.number(),
  /** Seconds of each run, start and end of the process not counted. */
  seconds: z.array(z.number()),
  difference: z.string().nullable(),
});

/** The processor's time for one event that comes to `events` others, or leaves them. */
const operator = where.extend({
  contestant: z.string(),
  operator: z.string(),
  events: z.number(),
  change: z.enum(['comes', 'leaves', 'comes after some left']),
  microseconds: z.array(z.number()),
});

/** A run of a notebook: what it took, and what of all there is it read. */
export const sparkRun = z.object({
  seconds: z.number(),
  /** Jobs of Spark, and commits to tables. */
  jobs: z.number(),
  commits: z.number(),
  /** Bytes and rows that tasks have read, of landing files and tables. */
  bytes: z.number(),
  rows: z.number(),
});

/** A step of our notebooks on Spark, and of the plain one, which has no runs of what it does not know. */
const sparkStep = where.extend({
  step: z.string(),
  posts: z.number(),
  ours: z.array(sparkRun),
  theirs: z.array(sparkRun),
});

const results = z.object({
  machine: z.string(),
  comparisons: z.array(comparison),
  streams: z.array(stream),
  operators: z.array(operator),
  spark: z.array(sparkStep).default([]),
});

export type Where = z.output<typeof where>;
export type Comparison = z.output<typeof comparison>;
export type StreamMeasure = z.output<typeof stream>;
export type OperatorMeasure = z.output<typeof operator>;
export type SparkMeasure = z.output<typeof sparkStep>;
export type Results = z.output<typeof results>;

/** Reads a file of results; empty results where none exists. */
export async function readResults(file: string): Promise<Results> {
  try {
    return results.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { machine: machine(), comparisons: [], streams: [], operators: [], spark: [] };
    }
    throw new Error(`${file} holds no results of this bench; move it away to start again.`, { cause: error });
  }
}

export async function writeResults(file: string, measured: Results): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, `${JSON.stringify(measured, null, 1)}\n`);
}

/** The list with a new measurement in place of an earlier one of the same subject. */
export function replaced<T>(list: readonly T[], measured: T, subject: (one: T) => unknown): T[] {
  const key = JSON.stringify(subject(measured));
  return [...list.filter((one) => JSON.stringify(subject(one)) !== key), measured];
}

/** The current time and commit. */
export function now(): z.output<typeof where> {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain') === '' ? '' : ' with changes';
  return { at: new Date().toISOString(), commit: `${git('rev-parse', '--short', 'HEAD')}${changed}` };
}

export function machine(): string {
  const [first] = cpus();
  return `${first?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

/** The median; NaN of no numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
