/** Posts from the generator to the HTTP API's topics, at an even rate: what `npm start` shows. */
import { setTimeout as pause } from 'node:timers/promises';
import { namesOf } from '../pipeline/names.ts';
import type { Dataset } from '../pipeline/plan/dataset.ts';
import type { RawEvent } from './event.ts';
import { generateEvents } from './generator.ts';

export interface FeedOptions {
  /** The HTTP API, without a slash at the end. */
  readonly url: string;
  readonly datasets: readonly Dataset[];
  readonly seed: number;
  /** Posts a second. */
  readonly rate: number;
  /** The first post's index: posts that were sent before are not sent again. */
  readonly first: number;
  /** The number of posts, or Infinity. */
  readonly posts: number;
  readonly signal: AbortSignal;
  /** Is told after every request how many posts were sent. */
  readonly onSent: (posts: number) => void;
}

/** How often requests are made; all posts that are due go in one. */
const tickMilliseconds = 50;
/** Posts in a request at most: about 400 KiB. */
const mostPosts = 500;
const attempts = 5;

/**
 * Sends posts until there are enough or the signal is aborted. Every post that it counts was taken by the API.
 * @returns the number of posts sent
 * @throws Error when the API refuses a request, or does not answer five times in a row
 */
export async function feed(options: FeedOptions): Promise<number> {
  const start = performance.now();
  let sent = 0;
  while (sent < options.posts && !options.signal.aborted) {
    const due = Math.floor(((performance.now() - start) / 1000) * options.rate) + 1;
    const posts = Math.min(due - sent, options.posts - sent, mostPosts);
    if (posts > 0) {
      await sendPosts(options, options.first + sent, posts);
      sent += posts;
      options.onSent(sent);
    } else {
      await pause(tickMilliseconds);
    }
  }
  return sent;
}

async function sendPosts({ url, datasets, seed }: FeedOptions, first: number, posts: number): Promise<void> {
  const made = Array.from({ length: posts }, (_, i) => generateEvents(datasets, first + i, seed));
  for (const dataset of datasets) {
    const records = made.map((post): { value: RawEvent | undefined } => ({ value: post[dataset.name] }));
    await postRecords(`${url}/topics/${namesOf(dataset).topic}`, JSON.stringify({ records }, withoutNulls));
  }
}

/** The API's schema knows no null: what is unknown is left out, which means the same. */
function withoutNulls(_: string, value: unknown): unknown {
  return value === null ? undefined : value;
}

/** Sends again what was not answered or answered with 5xx: an event that arrives twice is counted once downstream. */
async function postRecords(url: string, body: string): Promise<void> {
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    await pause(attempt === 0 ? 0 : 100 * 2 ** attempt);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.kafka.json.v2+json' },
        body,
      });
      const answer = await response.text();
      if (response.ok) {
        return;
      }
      failure = new Error(`${url} answered ${response.status}: ${answer.slice(0, 300)}`);
      if (response.status < 500) {
        break;
      }
    } catch (error) {
      failure = error;
    }
  }
  throw new Error(`Posts could not be sent to ${url}.`, { cause: failure });
}
