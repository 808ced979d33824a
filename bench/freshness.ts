/**
 * `npm run bench:freshness`: how long it takes from the moment that the HTTP API has taken a post until an answer that
 * holds it has come to a reader of the live page. Real commands in processes of their own: `npm run gateway` and
 * `npm run stream`, or `npm start`, where the batch way takes its part of the machine too.
 *
 * Of the posts that are sent together, ten times a second, one comes from a country of its own. It is fresh when that
 * country's row of `most_popular_category_by_country` is told to a reader of `/api/events`.
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
  does: 'Measures how long it takes from the HTTP API to an answer on the live page.',
  options: z.object({
    rate: option('R', 'posts a second (default: 2000)', positiveInteger.default(2000)),
    seconds: option('S', 'for so long (default: 60)', positiveInteger.default(60)),
    start: flag('npm start, both ways in one process, instead of npm run gateway and npm run stream'),
    picture: option(
      'FILE',
      'the distribution as SVG (default: data/bench/freshness.svg)',
      text.default(join('data', 'bench', 'freshness.svg')),
    ),
  }),
};

/** Times posts that can be told from all others. */
class Freshness {
  readonly milliseconds: number[] = [];
  /** When the API had taken a marked post, by its country; pin and geo must both be taken. */
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #text = '';
  #noMore: () => void = () => {};
  #ended = false;

  /** One in so many posts comes from a country of its own. */
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
        this.#waiting.add(country);
        return {
          ...post,
          geo: { ...post.geo, country },
          pin: { ...post.pin, category: 'marked' },
        };
      },
      close: () => source.close(),
    };
  }

  /** Notes when the API has answered; what it answered is read as ever. */
  timed(api: Api): Api {
    return {
      ...api,
      request: (dataset, events) => {
        for (const { country } of events) {
          if (typeof country === 'string' && this.#waiting.has(country)) this.#taken.set(country, Number.NaN);
        }
        return api.request(dataset, events);
      },
      outcomes: (body, records) => {
        // Requests of one batch are answered one soon after the other: the last of them counts.
        for (const [country, at] of this.#taken) {
          if (Number.isNaN(at)) this.#taken.set(country, performance.now());
        }
        return api.outcomes(body, records);
      },
    };
  }

  /** Reads a part of the events: each marked country that is told of for the first time is fresh now. */
  read(part: string): void {
    this.#text += part;
    const end = this.#text.lastIndexOf('\n\n');
    if (end < 0) return;
    const now = performance.now();
    const told = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    for (const [, country = ''] of told.matchAll(/"country":"(Marked \d+)"/g)) {
      if (this.#waiting.delete(country)) {
        this.milliseconds.push(Math.max(0, now - (this.#taken.get(country) ?? now)));
      }
    }
    if (this.#waiting.size === 0) this.#noMore();
  }

  /** The page tells nothing more. */
  end(): void {
    this.#ended = true;
    this.#noMore();
  }

  /** Resolves when all marked posts have come. @throws when the page tells nothing more and some have not */
  async all(): Promise<void> {
    if (this.#waiting.size > 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#noMore = resolve;
      });
    }
    if (this.#waiting.size > 0) {
      throw new Error(
        `The page has ended before ${this.#waiting.size} of the posts that were timed came to it.`,
      );
    }
  }
}

interface Pipeline {
  readonly api: string;
  readonly page: string;
  end(): Promise<void>;
}

async function streamIn(folder: string): Promise<Pipeline> {
  const log = `embedded:${join(folder, 'log')}`;
  const gateway = run('gateway', '--log', log, '--port', '0');
  const api = await gateway.says(/listens on (\S+)/);
  const stream = run('stream', '--from', log, '--lake', join(folder, 'lake'), '--page-port', '0');
  const page = await stream.says(/Page: (\S+)/);
  return { api, page, end: () => endAll(stream.child, gateway.child) };
}

/** The emulator of `npm start` sends one post and then none; this one's posts go the same ways. */
async function bothWaysIn(folder: string): Promise<Pipeline> {
  const { child, says } = run('start', '--rate', '0.0001', '--no-open', '--page-port', '0', '--data', folder);
  const page = await says(/Live page +(\S+)/);
  const api = await says(/HTTP API +(\S+)\/topics/);
  return { api, page, end: () => endAll(child) };
}

/** Starts a command, which lasts until it is ended. */
function run(name: string, ...options: readonly string[]) {
  const script = fileURLToPath(new URL('../scripts/run.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, name, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const said: string[] = [];
  lines.on('line', (line) => said.push(line));
  const says = async (what: RegExp): Promise<string> => {
    for (;;) {
      const [, found] = said.map((line) => what.exec(line)).find((match) => match !== null) ?? [];
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(`npm run ${name} has ended with ${child.exitCode}.`);
      await Promise.race([once(lines, 'line'), once(child, 'exit')]);
    }
  };
  return { child, says };
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

const quantile = (sorted: readonly number[], part: number) =>
  sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;

const binMilliseconds = 50;

/** How many posts took how long, in steps of `binMilliseconds`. */
function binsOf(sorted: readonly number[]): readonly { readonly upTo: number; readonly posts: number }[] {
  const bins = Math.floor((sorted.at(-1) ?? 0) / binMilliseconds) + 1;
  return Array.from({ length: bins }, (_, bin) => ({
    upTo: (bin + 1) * binMilliseconds,
    posts: sorted.filter((taken) => Math.floor(taken / binMilliseconds) === bin).length,
  }));
}

function textOf(sorted: readonly number[]): string {
  const most = Math.max(...binsOf(sorted).map(({ posts }) => posts));
  const bars = binsOf(sorted).map(
    ({ upTo, posts }) =>
      `${String(upTo).padStart(6)} ms ${'█'.repeat(Math.round((40 * posts) / most))} ${posts}\n`,
  );
  return `${bars.join('')}${wordsOf(sorted)}\n`;
}

function wordsOf(sorted: readonly number[]): string {
  const at = (part: number) => `${quantile(sorted, part).toFixed(0)} ms`;
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, longest ${at(1)}`;
}

function chartOf(sorted: readonly number[], rate: number) {
  const bins = binsOf(sorted);
  return {
    title: { text: `From the HTTP API to the live page at ${rate} posts a second`, subtext: wordsOf(sorted) },
    grid: { left: 60, right: 40, top: 80 },
    xAxis: { type: 'category', name: 'ms', data: bins.map(({ upTo }) => String(upTo)) },
    yAxis: { type: 'value', name: 'posts' },
    series: [{ type: 'bar', barCategoryGap: '5%', data: bins.map(({ posts }) => posts) }],
  };
}

await runCommand(command, async ({ rate, seconds, start, picture }, signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'freshness-'));
  const pipeline = start ? await bothWaysIn(folder) : await streamIn(folder);
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
    const sorted = freshness.milliseconds.toSorted((a, b) => a - b);
    process.stdout.write(
      `${start ? 'npm start' : 'npm run gateway, npm run stream'}: ${posts.sent} posts at ${rate} a second (${reached.toFixed(0)} in the last seconds), ${sorted.length} of them timed\n${textOf(sorted)}`,
    );
    await mkdir(join(picture, '..'), { recursive: true });
    await replaceFile(picture, svgOf(chartOf(sorted, rate)));
    process.stdout.write(`${picture}\n`);
  } finally {
    await pipeline.end();
    await rm(folder, { recursive: true, maxRetries: 5 });
  }
});
