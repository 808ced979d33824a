/**
 * `npm run bench`: the same work done by this pipeline and by what a user would pick instead, in one run. Each
 * measurement is added to a file of results as soon as it is done; tables and charts are made from that file.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { flag, option, positiveInteger, runCommand, text } from '../pipeline/commands/settings.ts';
import { compare, type Match, withLanding } from './batch.ts';
import { writeCharts } from './charts.ts';
import { type PeerName, peerNames, peers } from './contestants.ts';
import { measureOperators } from './operators/index.ts';
import {
  type KindOfWork,
  kindsOfWork,
  type Results,
  readResults,
  replaced,
  writeResults,
} from './results.ts';
import { measureSpark } from './spark.ts';
import { measureStreams, streamPeers } from './stream.ts';
import { tablesOf, writeTables } from './tables.ts';

const setup = fileURLToPath(new URL('./setup', import.meta.url));
const parts = [...kindsOfWork, 'stream', 'operators', 'spark'] as const;

/** Parts that need none of the peers in Python. */
const alone: readonly string[] = ['operators', 'spark'];

function listOf<T>(item: z.ZodType<T, string>) {
  return z
    .string('is missing')
    .transform((list) => list.split(','))
    .pipe(z.array(item).min(1));
}

const command = {
  name: 'bench',
  does: 'Compares our batch, stream and live engine with what a user would pick instead.',
  options: z.object({
    parts: option('LIST', `what to measure (default: ${parts.join()})`, listOf(z.enum(parts)).optional()),
    peers: option(
      'LIST',
      `peers to compare with (default: ${peerNames.join()})`,
      listOf(z.enum(peerNames)).optional(),
    ),
    posts: option(
      'LIST',
      'how many posts (default: 10000,100000,1000000,3000000; slow peers and lake 1000000, stream and spark 100000,1000000)',
      listOf(positiveInteger).optional(),
    ),
    runs: option('N', 'runs of each, in turns (default: 5)', positiveInteger.default(5)),
    results: option(
      'FILE',
      'the file of results, charts beside it (default: data/bench/results.json)',
      text.default(join('data', 'bench', 'results.json')),
    ),
    tables: flag('measure nothing: print the tables of the file of results'),
    write: option(
      'FILE',
      'put the tables into this Markdown file, between its marks, and the charts into a folder of the same name',
      text.optional(),
    ),
  }),
};

/** Starts are measured at 10⁴ posts; all peers at 10⁶; elsewhere only those that take seconds. */
const fastPeers: readonly PeerName[] = ['duckdb', 'polars', 'chdb', 'datafusion'];
const allPeersPosts = 1_000_000;
const defaultPosts = [10_000, 100_000, allPeersPosts, 3_000_000];
const startPosts = 10_000;
/** A short stream, in which the start matters, and a long one; and little and much history for Spark. */
const streamPosts = [100_000, 1_000_000];
const operatorSizes = [10_000, 100_000, 1_000_000, 10_000_000];

await runCommand(command, async (settings) => {
  let results = await readResults(settings.results);
  const save = async (change: (results: Results) => Results): Promise<void> => {
    results = change(results);
    await writeResults(settings.results, results);
  };
  if (!settings.tables) {
    if ((settings.parts ?? parts).some((part) => !alone.includes(part))) {
      const wanted = settings.peers ?? peerNames;
      execFileSync(setup, wanted, { stdio: 'inherit' });
    }
    if (settings.parts?.includes('operators') ?? true) {
      setUpDifferential();
    }
    await measure(settings, save);
  }
  await writeCharts(dirname(settings.results), results);
  process.stdout.write(tablesOf(results));
  if (settings.write !== undefined) {
    await writeTables(settings.write, results);
    await writeCharts(settings.write.replace(/\.md$/, ''), results);
  }
  if ([...results.comparisons, ...results.streams].some(({ difference }) => difference !== null)) {
    throw new Error('Some answers differ from ours: see above.');
  }
});

/** Builds the peer in Rust, or says that the operators are measured without it. */
function setUpDifferential(): void {
  if (spawnSync(setup, ['differential'], { stdio: 'inherit' }).status !== 0) {
    process.stderr.write('Operators are measured without differential-dataflow.\n');
  }
}

type Settings = z.output<typeof command.options>;
type Save = (change: (results: Results) => Results) => Promise<void>;

async function measure(settings: Settings, save: Save): Promise<void> {
  const wanted = new Set<string>(settings.parts ?? parts);
  await measureMatches(wanted, settings, save);
  if (wanted.has('stream')) {
    await measureStream(settings, save);
  }
  if (wanted.has('spark')) {
    await measureNotebooks(settings, save);
  }
  for (const size of wanted.has('operators') ? operatorSizes : []) {
    process.stderr.write(`operators at ${size} events\n`);
    for (const measured of measureOperators(size, settings.runs)) {
      await save((results) => ({
        ...results,
        operators: replaced(results.operators, measured, ({ contestant, operator, events, change }) => [
          contestant,
          operator,
          events,
          change,
        ]),
      }));
    }
  }
}

async function measureNotebooks({ posts, runs }: Settings, save: Save): Promise<void> {
  for (const size of posts ?? streamPosts) {
    process.stderr.write(`notebooks on Spark at ${size} posts\n`);
    for (const measured of await measureSpark(size, runs)) {
      await save((results) => ({
        ...results,
        spark: replaced(results.spark, measured, ({ step, posts }) => [step, posts]),
      }));
    }
  }
}

async function measureStream({ posts, peers: selected, runs }: Settings, save: Save): Promise<void> {
  const names = streamPeers.filter((name) => selected?.includes(name) ?? true);
  for (const size of posts ?? streamPosts) {
    await withLanding(size, async (landing, folder) => {
      for (const measured of await measureStreams(names, landing, folder, runs)) {
        await save((results) => ({
          ...results,
          streams: replaced(results.streams, measured, ({ contestant, events }) => [contestant, events]),
        }));
      }
    });
  }
}

async function measureMatches(wanted: ReadonlySet<string>, settings: Settings, save: Save): Promise<void> {
  const matches = kindsOfWork.filter((work) => wanted.has(work)).flatMap((work) => matchesOf(work, settings));
  for (const posts of new Set(matches.map((match) => match.posts))) {
    process.stderr.write(`Making landing files of ${posts} posts\n`);
    await withLanding(posts, async (landing) => {
      for (const match of matches.filter((one) => one.posts === posts)) {
        process.stderr.write(`${match.work} at ${posts} posts: ours and ${match.peer}\n`);
        const measured = await compare({ ...match, landing });
        await save((results) => ({
          ...results,
          comparisons: replaced(results.comparisons, measured, ({ work, posts, peer }) => [
            work,
            posts,
            peer,
          ]),
        }));
      }
    });
  }
}

/** The peers and sizes to compare at. */
function matchesOf(work: KindOfWork, { posts, peers: selected, runs }: Settings): Omit<Match, 'landing'>[] {
  if (work === 'start') {
    return [...(selected ?? peerNames), 'npm run batch' as const].map((peer) => ({
      work,
      peer,
      posts: startPosts,
      runs,
    }));
  }
  return (posts ?? (work === 'lake' ? [allPeersPosts] : defaultPosts)).flatMap((size) => {
    const able = (selected ?? (size === allPeersPosts ? peerNames : fastPeers)).filter(
      (name) => work !== 'lake' || peers[name].writesTables,
    );
    return able.map((peer) => ({ work, peer, posts: size, runs }));
  });
}
