/**
 * `npm run bench:freshness`: the time from the HTTP API's reply to a post until a reader of the live page has an answer that
 * includes it. Real commands run in processes of their own: `npm run gateway` and `npm run stream`, or `npm start`, where
 * the batch takes its share of the machine too.
 *
 * Of the posts that are sent together, ten times a second, one has a country of its own. Its time ends when that country's row
 * of `most_popular_category_by_country` reaches a reader of `/api/events`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { startEmulation } from '../emulator/emulate.ts';
import type { Api } from '../emulator/senders/api.ts';
import { apiSendToKafka } from '../emulator/senders/kafka.ts';
import { apiSendToKinesis } from '../emulator/senders/kinesis.ts';
import type { PostSource } from '../emulator/sources/source.ts';
import { syntheticSource } from '../emulator/sources/synthetic.ts';
import { flag, option, positiveInteger, runCommand, text } from '../pipeline/commands/settings.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { replaceFile } from '../pipeline/storage/durable_files.ts';
import { svgOf } from './charts.ts';

const command = {
  name: 'bench:freshness',
  does: 'Measures the time from the HTTP API to an answer on the live page.',
  options: z.object({
    rate: option('R', 'posts a second (default: 2000)', positiveInteger.default(2000)),
    seconds: option('S', 'duration in seconds (default: 60)', positiveInteger.default(60)),
    start: flag(
      'run npm start, batch and stream in one process, instead of npm run gateway and npm run stream',
    ),
    picture: option(
      'FILE',
      'the distribution as SVG (default: data/bench/freshness.svg)',
      text.default(join('data', 'bench', 'freshness.svg')),
    ),
  }),
};

/** Times marked posts, which can be told from all others. */
class Freshness {
  readonly milliseconds: number[] = [];
  /** The times of the API's replies to marked posts, by country; NaN before both pin and geo are accepted. */
  private readonly acceptedAt = new Map<string, number>();
  private readonly pending = new Set<string>();
  private unread = '';
  private wake: () => void = () => {};
  private ended = false;

  /** Gives one in so many posts a country of its own. */
  marked(source: PostSource, oneIn: number): PostSource {
    let posts = 0;
    return {
      next: async (signal) => {
        const post = await source.next(signal);
        posts += 1;
        if (post === null || posts % Math.ceil(oneIn) !== 0) {
          return post;
        }
        const country = `Marked ${posts}`;
        this.pending.add(country);
        return {
          ...post,
          geo: { ...post.geo, country },
          pin: { ...post.pin, category: 'marked' },
        };
      },
      close: () => source.close(),
    };
  }

  /** Records the time of each reply of the API, and passes the reply on. */
  timed(api: Api): Api {
    return {
      ...api,
      request: (dataset, events) => {
        for (const { country } of events) {
          if (typeof country === 'string' && this.pending.has(country)) {
            this.acceptedAt.set(country, Number.NaN);
          }
        }
        return api.request(dataset, events);
      },
      outcomes: (body, records) => {
        // The requests of one batch are answered in quick succession: the last reply counts.
        for (const [country, at] of this.acceptedAt) {
          if (Number.isNaN(at)) {
            this.acceptedAt.set(country, performance.now());
          }
        }
        return api.outcomes(body, records);
      },
    };
  }

  /** Reads a part of the events. The time of a marked post ends with the first event that names its country. */
  read(part: string): void {
    this.unread += part;
    const end = this.unread.lastIndexOf('\n\n');
    if (end < 0) {
      return;
    }
    const now = performance.now();
    const complete = this.unread.slice(0, end);
    this.unread = this.unread.slice(end);
    for (const [, country = ''] of complete.matchAll(/"country":"(Marked \d+)"/g)) {
      if (this.pending.delete(country)) {
        this.milliseconds.push(Math.max(0, now - (this.acceptedAt.get(country) ?? now)));
      }
    }
    if (this.pending.size === 0) {
      this.wake();
    }
  }

  /** Notes that the page has ended. */
  end(): void {
    this.ended = true;
    this.wake();
  }

  /** Resolves when all marked posts have reached the page. @throws Error when the page ends before */
  async all(): Promise<void> {
    if (this.pending.size > 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.pending.size > 0) {
      throw new Error(`The page has ended before ${this.pending.size} of the timed posts reached it.`);
    }
  }
}

interface Pipeline {
  readonly api: string;
  readonly page: string;
  end(): Promise<void>;
}

async function startStreamIn(folder: string): Promise<Pipeline> {
  const log = `embedded:${join(folder, 'log')}`;
  const gateway = run('gateway', '--log', log, '--port', '0');
  const api = await gateway.waitFor(/listens on (\S+)/);
  const stream = run('stream', '--from', log, '--lake', join(folder, 'lake'), '--page-port', '0');
  const page = await stream.waitFor(/Page: (\S+)/);
  return { api, page, end: () => endAll(stream.child, gateway.child) };
}

/** The emulator of `npm start` sends one post and then none; the timed posts take the same paths. */
async function startAllIn(folder: string): Promise<Pipeline> {
  const { child, waitFor } = run(
    'start',
    '--rate',
    '0.0001',
    '--no-open',
    '--page-port',
    '0',
    '--data',
    folder,
  );
  const page = await waitFor(/Live page +(\S+)/);
  const api = await waitFor(/HTTP API +(\S+)\/topics/);
  return { api, page, end: () => endAll(child) };
}

/** Starts a command that runs until it is ended. */
function run(name: string, ...options: readonly string[]) {
  const script = fileURLToPath(new URL('../scripts/run.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, name, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const output: string[] = [];
  lines.on('line', (line) => output.push(line));
  const waitFor = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const [, found] = output.map((line) => pattern.exec(line)).find((match) => match !== null) ?? [];
      if (found !== undefined) {
        return found;
      }
      if (child.exitCode !== null) {
        throw new Error(`npm run ${name} has ended with ${child.exitCode}.`);
      }
      await Promise.race([once(lines, 'line'), once(child, 'exit')]);
    }
  };
  return { child, waitFor };
}

/** CPU time of the process that serves the page, which also keeps the answers. */
async function cpuOf(page: string): Promise<number> {
  const metrics = await (await fetch(`${page}metrics`)).text();
  const modes = metrics.matchAll(/^process_cpu_time_seconds_total\{.*\} (\S+)/gm);
  return [...modes].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
}

async function endAll(...children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  }
}

const quantile = (sorted: readonly number[], fraction: number) =>
  sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;

const binMilliseconds = 50;

/** The numbers of posts by time, in bins of `binMilliseconds`. */
function binsOf(sorted: readonly number[]): readonly { readonly upTo: number; readonly posts: number }[] {
  const bins = Math.floor((sorted.at(-1) ?? 0) / binMilliseconds) + 1;
  return Array.from({ length: bins }, (_, bin) => ({
    upTo: (bin + 1) * binMilliseconds,
    posts: sorted.filter((time) => Math.floor(time / binMilliseconds) === bin).length,
  }));
}

function histogramOf(sorted: readonly number[]): string {
  const most = Math.max(...binsOf(sorted).map(({ posts }) => posts));
  const bars = binsOf(sorted).map(
    ({ upTo, posts }) =>
      `${String(upTo).padStart(6)} ms ${'█'.repeat(Math.round((40 * posts) / most))} ${posts}\n`,
  );
  return `${bars.join('')}${quantilesOf(sorted)}\n`;
}

function quantilesOf(sorted: readonly number[]): string {
  const at = (fraction: number) => `${quantile(sorted, fraction).toFixed(0)} ms`;
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, longest ${at(1)}`;
}

function chartOf(sorted: readonly number[], rate: number) {
  const bins = binsOf(sorted);
  return {
    title: {
      text: `From the HTTP API to the live page at ${rate} posts a second`,
      subtext: quantilesOf(sorted),
    },
    grid: { left: 60, right: 40, top: 80 },
    xAxis: { type: 'category', name: 'ms', data: bins.map(({ upTo }) => String(upTo)) },
    yAxis: { type: 'value', name: 'posts' },
    series: [{ type: 'bar', barCategoryGap: '5%', data: bins.map(({ posts }) => posts) }],
  };
}

await runCommand(command, async ({ rate, seconds, start, picture }, signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'freshness-'));
  const pipeline = start ? await startAllIn(folder) : await startStreamIn(folder);
  try {
    const freshness = new Freshness();
    const reader = get(`${pipeline.page}api/events`, (response) => {
      response.setEncoding('utf8').on('data', (part: string) => freshness.read(part));
      response.on('close', () => freshness.end());
    });
    const emulation = startEmulation({
      url: pipeline.api,
      apis: [...(start ? [apiSendToKafka()] : []), freshness.timed(apiSendToKinesis())],
      datasets,
      source: freshness.marked(syntheticSource(datasets, 1), rate / 10),
      rate,
      count: rate * seconds,
      batch: Math.ceil(rate / 10),
      signal,
    });
    const { posts, rate: reached } = await emulation.done;
    await freshness.all();
    reader.destroy();
    const cpu = await cpuOf(pipeline.page);
    const sorted = freshness.milliseconds.toSorted((a, b) => a - b);
    process.stdout.write(
      `${start ? 'npm start' : 'npm run gateway, npm run stream'}: ${posts.sent} posts at ${rate} a second (${reached.toFixed(0)} in the last seconds), ${sorted.length} of them timed; ${cpu.toFixed(1)} s of CPU\n${histogramOf(sorted)}`,
    );
    await mkdir(join(picture, '..'), { recursive: true });
    await replaceFile(picture, svgOf(chartOf(sorted, rate)));
    process.stdout.write(`${picture}\n`);
  } finally {
    await pipeline.end();
    await rm(folder, { recursive: true, maxRetries: 5 });
  }
});
