/** Events to committed rows and current answers on one core, by us and by peers, with their answers compared. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { datasets } from '../pipeline/datasets/index.ts';
import { listLandingFiles } from '../pipeline/landing/reader.ts';
import { EmbeddedLog } from '../pipeline/log/embedded.ts';
import { datasetOfTopic, namesOf } from '../pipeline/naming.ts';
import { differenceOf } from './compare_answers.ts';
import {
  missingPeer,
  ours,
  type PeerName,
  peers,
  pythonOf,
  resultOf,
  scriptOf,
  versionOf,
  type Work,
  warmPeer,
} from './contestants.ts';
import { measureProcess } from './process_usage.ts';
import { now, type StreamMeasure } from './results.ts';

export const streamPeers = ['duckdb', 'pathway', 'pyspark'] as const satisfies readonly PeerName[];
type StreamPeer = (typeof streamPeers)[number];

const notes: Readonly<Record<StreamPeer, string>> = {
  duckdb: 'takes a file of each dataset in and asks all queries anew, each time',
  pathway: 'in streaming mode; its rows as JSON lines',
  pyspark: 'Structured Streaming, available now, warm; rows as Parquet; asked once, at the end',
};

const oneCore = ['taskset', '--cpu-list', '0'] as const;

interface Contestant {
  readonly contestant: string;
  readonly version: string;
  readonly note: string;
  run(): Promise<{ readonly stages: Readonly<Record<string, number>>; readonly answers?: unknown }>;
  stop(): Promise<void>;
}

/**
 * Measures our stream and some peers in turns.
 * @param folder an existing empty folder
 * @throws Error when one of them fails, or a peer is not set up
 */
export async function measureStreams(
  names: readonly StreamPeer[],
  landing: string,
  folder: string,
  runs: number,
): Promise<StreamMeasure[]> {
  const missing = names.flatMap((name) => missingPeer(name) ?? []);
  if (missing.length > 0) {
    throw new Error(missing.join('\n'));
  }
  const log = join(folder, 'log');
  const events = await fillLog(log, landing);
  const work: Work = { landing, folder, tables: false };
  const { answers: expected } = await ours('without npm').run(work);
  const contestants = [
    ourStream(log, folder),
    ...(await Promise.all(names.map((name) => peerStream(name, work)))),
  ];
  const measures = contestants.map(({ contestant, version, note }) => ({
    ...now(),
    contestant,
    version,
    note,
    events,
    seconds: [] as number[],
    difference: null as string | null,
  }));
  try {
    for (let turn = 0; turn < runs; turn += 1) {
      for (const [index, measure] of measures.entries()) {
        process.stderr.write(`stream, ${turn + 1} of ${runs}: ${measure.contestant}\n`);
        const measured = await contestants[index]?.run();
        measure.seconds.push(measured?.stages.stream ?? Number.NaN);
        measure.difference ??= differenceOf(expected, measured?.answers) ?? null;
      }
    }
  } finally {
    for (const contestant of contestants) {
      await contestant.stop();
    }
  }
  return measures;
}

/** Appends the lines of landing files to streams. @returns the number of events */
async function fillLog(folder: string, landing: string): Promise<number> {
  const log = await EmbeddedLog.open(folder);
  try {
    for (const dataset of datasets) {
      await log.createTopic(namesOf(dataset).stream, 1);
    }
    let events = 0;
    for (const { path, topic } of (await listLandingFiles(landing)).files) {
      const dataset = datasetOfTopic(datasets, topic);
      if (dataset === undefined) {
        continue;
      }
      const lines = (await readFile(join(landing, path), 'utf8')).trimEnd().split('\n');
      await log.append(
        namesOf(dataset).stream,
        lines.map((line) => ({ value: Buffer.from(line) })),
      );
      events += lines.length;
    }
    return events;
  } finally {
    await log.close();
  }
}

function ourStream(log: string, folder: string): Contestant {
  const [lake, result] = [join(folder, 'lake'), join(folder, 'result.json')];
  const program = fileURLToPath(new URL('./our_stream.ts', import.meta.url));
  return {
    contestant: 'ours',
    version: '',
    note: 'from an embedded log to Delta',
    async run() {
      await runOnOneCore([
        process.execPath,
        '--import',
        import.meta.resolve('tsx'),
        program,
        log,
        lake,
        result,
      ]);
      await rm(lake, { recursive: true });
      return resultOf(result);
    },
    async stop() {},
  };
}

async function peerStream(name: StreamPeer, work: Work): Promise<Contestant> {
  const labels = { contestant: peers[name].title, version: versionOf(name), note: notes[name] };
  const script = `${name}_stream`;
  if (name === 'pyspark') {
    const runner = await warmPeer(name, work, { script, before: oneCore });
    return { ...labels, run: () => runner.run(work), stop: () => runner.stop() };
  }
  const result = join(work.folder, 'result.json');
  return {
    ...labels,
    async run() {
      await runOnOneCore([pythonOf(name), scriptOf(script), '--landing', work.landing, '--result', result]);
      return resultOf(result);
    },
    async stop() {},
  };
}

async function runOnOneCore(program: readonly string[]): Promise<void> {
  const [command, ...args] = [...oneCore, ...program];
  await measureProcess(command, args);
}
