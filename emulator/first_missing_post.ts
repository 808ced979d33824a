/**
 * Finds where a killed emulation continues: posts are sent in their order, some together, each to several topics and
 * streams, and a kill leaves the last of them in some of these alone.
 */
import type { EventLog } from '../pipeline/log/log.ts';

/** A topic or stream that every post goes to. */
export interface PostPlace {
  readonly name: string;
  /** The field of its events that holds the number of the post. */
  readonly key: string;
}

const mebibyte = 1024 * 1024;

/**
 * The number of the first post that is not in all places; all before it are. What a place seems not to hold is sent
 * again, which is harmless, so only the last records are looked at.
 * @param together posts that were sent together at most: when one of these was begun, all earlier ones were everywhere
 */
export async function firstMissingPost(
  log: EventLog,
  places: readonly PostPlace[],
  together: number,
): Promise<number> {
  const found = await Promise.all(places.map((place) => lastPosts(log, place, 4 * together)));
  const afterLast = found.flatMap((posts) => [...posts]).reduce((next, post) => Math.max(next, post + 1), 0);
  let post = Math.max(0, afterLast - together);
  while (post < afterLast && found.every((posts) => posts.has(post))) {
    post += 1;
  }
  return post;
}

/** The numbers of the posts among the last records of each shard. */
async function lastPosts(log: EventLog, { name, key }: PostPlace, records: number): Promise<Set<number>> {
  const posts = new Set<number>();
  for (const { id } of await log.shards(name)) {
    const end = Number(await log.latest(name, id));
    const start = Math.max(Number(await log.earliest(name, id)), end - records);
    for (let from = String(start); Number(from) < end; ) {
      const read = await log.read(name, id, from, { maximumBytes: mebibyte, waitMilliseconds: 0 });
      for (const { value } of read.records) {
        const post = numberOf(value, key);
        if (post !== null) {
          posts.add(post);
        }
      }
      from = read.next;
    }
  }
  return posts;
}

/** The number of the post that a record is of; null where others have sent what is none. */
function numberOf(value: Uint8Array, key: string): number | null {
  try {
    const event: unknown = JSON.parse(Buffer.from(value).toString());
    const number: unknown = event instanceof Object ? Reflect.get(event, key) : null;
    return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return null;
    }
    throw error;
  }
}
