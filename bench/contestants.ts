/** The contestants: our `batch` and what a user would pick instead, how each runs and what it leaves out. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { measureProcess, type Usage, UsageWatch } from './process_usage.ts';

/** A piece of work: landing files to read, and a folder for the results. */
export interface Work {
  /** The folder that holds `topics/`. */
  readonly landing: string;
  /** An existing empty folder of its own. */
  readonly folder: string;
  /** True when the cleaned tables and the answers are written too. */
  readonly tables: boolean;
}

export interface Run extends Usage {
  /** Seconds by stage, where the run can be split. */
  readonly stages: Readonly<Record<string, number>>;
  readonly answers: unknown;
}

/** A contestant that is ready to work. */
export interface Runner {
  run(work: Work): Promise<Run>;
  /** Only reads the JSON into columns. @returns seconds */
  decode(work: Work): Promise<number>;
  stop(): Promise<void>;
}

export const peerNames = [
  'duckdb',
  'polars',
  'chdb',
  'datafusion',
  'pandas',
  'sail',
  'pyspark',
  'pathway',
] as const;
export type PeerName = (typeof peerNames)[number];

export interface Peer {
  readonly title: string;
  /** The PyPI package whose version is shown. */
  readonly distribution: string;
  /** True when its script can write the tables as Parquet. */
  readonly writesTables: boolean;
  /** Work that it leaves out, or facts needed to read its figures. */
  readonly note: string;
}

const noQuarantine = 'malformed lines are dropped, not kept';
const failsAtMalformedLine = 'a malformed line ends the run';

export const peers: Readonly<Record<PeerName, Peer>> = {
  duckdb: {
    title: 'DuckDB',
    distribution: 'duckdb',
    writesTables: true,
    note: `${noQuarantine}; a number in quotes passes as a number`,
  },
  polars: {
    title: 'Polars',
    distribution: 'polars',
    writesTables: true,
    note: failsAtMalformedLine,
  },
  chdb: {
    title: 'chDB (ClickHouse)',
    distribution: 'chdb',
    writesTables: true,
    note: `${noQuarantine}; a number in quotes passes as a number`,
  },
  datafusion: {
    title: 'DataFusion',
    distribution: 'datafusion',
    writesTables: true,
    note: `${failsAtMalformedLine}; a number in quotes passes as a number`,
  },
  pandas: {
    title: 'pandas, Arrow',
    distribution: 'pandas',
    writesTables: false,
    note: failsAtMalformedLine,
  },
  sail: {
    title: 'Sail',
    distribution: 'pysail',
    writesTables: false,
    note: `${failsAtMalformedLine}; cleaned tables are kept as Parquet, for it keeps none in memory`,
  },
  pyspark: {
    title: 'PySpark, local[*]',
    distribution: 'pyspark',
    writesTables: false,
    note: `${noQuarantine}; what follows a line's first object is not seen`,
  },
  pathway: {
    title: 'Pathway',
    distribution: 'pathway',
    writesTables: false,
    note: `${noQuarantine}; incremental: all at once here, as it comes in the stream bench`,
  },
};

const repository = fileURLToPath(new URL('..', import.meta.url));
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

/** The folder in which bench/setup installs the peers' Python environments. */
export const peersFolder = process.env.BENCH_PEERS_DIR ?? join(cache, 'pinterest-pipeline', 'peers');

/** The Python program of a peer's environment. */
export function pythonOf(name: PeerName): string {
  return join(peersFolder, name, 'bin', 'python');
}

/** The path of a script in bench/peers. */
export function scriptOf(name: string): string {
  return fileURLToPath(new URL(`./peers/${name}.py`, import.meta.url));
}

/** The reason why a peer cannot run here and the remedy; undefined when it can. */
export function missingPeer(name: PeerName): string | undefined {
  try {
    const pinned = readFileSync(requirementsOf(name), 'utf8');
    if (readFileSync(join(peersFolder, name, 'stamp'), 'utf8') === pinned) {
      return undefined;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
  return `${name} is not set up under ${peersFolder}: run bench/setup ${name}`;
}

/** The pinned version of a peer. */
export function versionOf(name: PeerName): string {
  const { distribution } = peers[name];
  const line = readFileSync(requirementsOf(name), 'utf8')
    .split('\n')
    .find((requirement) => requirement.startsWith(`${distribution}==`));
  return line?.slice(distribution.length + 2) ?? '';
}

function requirementsOf(name: PeerName): string {
  return fileURLToPath(new URL(`./peers/requirements/${name}.txt`, import.meta.url));
}

/** The two ways to start `batch`: as a user types it, and without npm, as npm does. */
export const ourStarts = ['npm run batch', 'without npm'] as const;
export type OurStart = (typeof ourStarts)[number];

export function isOurStart(name: string): name is OurStart {
  return ourStarts.some((start) => start === name);
}

/** Our `batch`, in a new process for each run. */
export function ours(start: OurStart): Runner {
  return {
    async run({ landing, folder, tables }) {
      const answers = join(folder, 'answers.json');
      const lake = join(folder, 'lake');
      const options = ['--landing', landing, '--json', answers, '--report', join(folder, 'report.html')];
      const usage = await runCommandOf('batch', start, tables ? [...options, '--lake', lake] : options);
      await rm(lake, { recursive: true, force: true });
      return { ...usage, stages: {}, answers: await readJson(answers) };
    },
    async decode() {
      throw new Error('Our stages are measured by bench/our_stages.ts.');
    },
    async stop() {},
  };
}

/** Runs one of our commands as package.json declares it. */
export function runCommandOf(name: string, start: OurStart, options: readonly string[]): Promise<Usage> {
  if (start === 'npm run batch') {
    return measureProcess('npm', ['run', '--silent', name, '--', ...options], { cwd: repository });
  }
  const { scripts } = packageJson.parse(JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')));
  const [command = '', ...args] = (scripts[name] ?? '').split(' ');
  const env = {
    ...process.env,
    PATH: [join(repository, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  };
  return measureProcess(command, [...args, ...options], { cwd: repository, env });
}

const packageJson = z.object({ scripts: z.record(z.string(), z.string()) });

/** A peer in a new process for each run: its start counts. */
export function coldPeer(name: PeerName): Runner {
  const script = (work: Work, ...more: string[]) => {
    const result = join(work.folder, 'result.json');
    const args = [scriptOf(`${name}_peer`), '--landing', work.landing, '--result', result, ...more];
    return { result, usage: measureProcess(pythonOf(name), args) };
  };
  return {
    async run(work) {
      const tables = join(work.folder, 'tables');
      const { result, usage } = script(work, ...(work.tables ? ['--tables', tables] : []));
      const measured = await usage;
      await rm(tables, { recursive: true, force: true });
      const { stages, answers } = await resultOf(result);
      return { ...measured, stages, answers };
    },
    async decode(work) {
      const { result, usage } = script(work, '--decode');
      await usage;
      return (await resultOf(result)).stages.decode ?? Number.NaN;
    },
    async stop() {},
  };
}

/**
 * A peer in one process for all runs that has done the work once: neither its start nor its warm-up counts.
 * @param options another script of bench/peers, and a command to put before its own
 */
export async function warmPeer(
  name: PeerName,
  warmUp: Work,
  {
    script = `${name}_peer`,
    before = [],
  }: { readonly script?: string; readonly before?: readonly string[] } = {},
): Promise<Runner> {
  const [command = '', ...args] = [...before, pythonOf(name), scriptOf(script), '--serve'];
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-4000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) =>
      reject(new Error(`${name} ended with ${status ?? signal} while it was working:\n${errors}`)),
    );
  });
  ended.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // Lines that Spark prints itself come between.
  const waitFor = async (word: string): Promise<void> => {
    for (let line = await lines.next(); line.value !== word; line = await lines.next()) {
      if (line.done) {
        await ended;
      }
    }
  };
  const ask = async ({ landing, folder }: Work, decode: boolean) => {
    const result = join(folder, 'result.json');
    const watch = new UsageWatch(child.pid ?? 0);
    const cpuBefore = watch.cpuSeconds;
    const start = performance.now();
    child.stdin.write(`${JSON.stringify({ landing, result, decode })}\n`);
    await Promise.race([waitFor('done'), ended]).finally(() => watch.stop());
    const seconds = (performance.now() - start) / 1000;
    watch.sample();
    const usage = { seconds, cpuSeconds: watch.cpuSeconds - cpuBefore, peakBytes: watch.peakBytes };
    return { usage, ...(await resultOf(result)) };
  };
  await Promise.race([waitFor('ready'), ended]);
  await ask(warmUp, false);
  return {
    async run(work) {
      const { usage, stages, answers } = await ask(work, false);
      return { ...usage, stages, answers };
    },
    async decode(work) {
      return (await ask(work, true)).stages.decode ?? Number.NaN;
    },
    async stop() {
      child.stdin.end();
      // Any exit status will do.
      await ended.catch(() => undefined);
    },
  };
}

const peerResult = z.object({ stages: z.record(z.string(), z.number()), answers: z.unknown() });

export async function resultOf(file: string): Promise<z.output<typeof peerResult>> {
  return peerResult.parse(await readJson(file));
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
