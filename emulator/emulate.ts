/** The emulator: takes posts from a source and sends them at a rate, with a bounded number in flight. */
import { setMaxListeners } from 'node:events';
import type { Post } from './event.ts';
import { Pace } from './pace.ts';
import { Sender, type SenderOptions, type Undelivered } from './senders/sender.ts';
import type { PostSource } from './sources/source.ts';
import { type EmulationSnapshot, Statistics } from './statistics.ts';
import type { UnsentFile, UnsentPost } from './unsent.ts';

export type { EmulationSnapshot } from './statistics.ts';

export interface EmulationOptions extends Omit<SenderOptions, 'onFailure'> {
  /** It stays its opener's to close. */
  readonly source: PostSource;
  /** Posts a second. Default: as fast as they are taken. */
  readonly rate?: number | undefined;
  /** Ends after so many posts. Default: when the source ends. */
  readonly count?: number | undefined;
  /** Posts in flight at most; further ones wait, late, until there is room. Default 256. */
  readonly maximumInFlight?: number;
  /** Posts sent together, a request for each dataset. Default 1. Never more than a tenth of a second's worth. */
  readonly batch?: number;
  /** Where posts that could not be sent are kept. Without it they are only counted. */
  readonly unsentFile?: UnsentFile;
  /** Ends the emulation: no new posts, no further attempts; what is under way is awaited. */
  readonly signal?: AbortSignal;
}

/** An emulation that runs. */
export interface Emulation {
  /** Resolves when all posts are sent, or kept as unsent; rejects when the source or the unsent file fails. */
  readonly done: Promise<EmulationSnapshot>;
  /** Begins no posts until it is resumed. */
  pause(): void;
  resume(): void;
  /** @param rate posts a second, above 0 */
  setRate(rate: number): void;
  snapshot(): EmulationSnapshot;
  /** As aborting the signal. */
  stop(): void;
}

/** Starts sending. @throws TypeError when the URL cannot be sent to, RangeError when a number makes no sense */
export function startEmulation(options: EmulationOptions): Emulation {
  const run = new Run(options);
  return {
    done: run.run(),
    pause: () => run.pause(),
    resume: () => run.resume(),
    setRate: (rate) => run.setRate(rate),
    snapshot: () => run.snapshot(),
    stop: () => run.stop(),
  };
}

class Run {
  readonly #options: EmulationOptions;
  readonly #pace: Pace;
  readonly #statistics: Statistics;
  readonly #sender: Sender;
  readonly #ending = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  /** Ends the sleep of the loop, which then looks again what is due. */
  #wake: () => void = () => {};
  #failure: { readonly error: unknown } | undefined;
  #sourceEnded = false;

  constructor(options: EmulationOptions) {
    const { rate = Infinity } = options;
    assertPositive('rate', rate);
    assertPositive('number of posts in flight', options.maximumInFlight ?? 1);
    assertPositive('number of posts in a batch', options.batch ?? 1);
    this.#options = options;
    // Every request that waits to be sent again listens.
    setMaxListeners(0, this.#ending.signal);
    this.#pace = new Pace(rate, performance.now());
    this.#statistics = new Statistics(performance.now());
    this.#sender = new Sender({
      ...options,
      onFailure: (reason, willRetry) => this.#statistics.fail(reason, willRetry),
    });
  }

  pause(): void {
    this.#pace.pause();
  }

  resume(): void {
    this.#pace.resume(performance.now());
    this.#wake();
  }

  setRate(rate: number): void {
    assertPositive('rate', rate);
    this.#pace.setRate(rate, performance.now());
    this.#wake();
  }

  snapshot(): EmulationSnapshot {
    return this.#statistics.snapshot(performance.now(), this.#pace);
  }

  stop(): void {
    this.#ending.abort();
    this.#wake();
  }

  async run(): Promise<EmulationSnapshot> {
    const stop = () => this.stop();
    const { signal } = this.#options;
    if (signal?.aborted) {
      stop();
    }
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await this.#begin().catch((error: unknown) => this.#fail(error));
      await Promise.all(this.#inFlight);
      if (this.#failure) {
        throw this.#failure.error;
      }
      return this.snapshot();
    } finally {
      signal?.removeEventListener('abort', stop);
      await this.#sender.close();
    }
  }

  /** Begins posts when they are due and there is room, until there are no more to begin. */
  async #begin(): Promise<void> {
    const { count = Infinity, maximumInFlight = 256, batch = 1 } = this.#options;
    while (!this.#ending.signal.aborted && !this.#sourceEnded && this.#statistics.begun < count) {
      const size = Math.min(batch, count - this.#statistics.begun, Math.ceil(this.#pace.rate / 10));
      const now = performance.now();
      const dueAt = this.#pace.dueAt(size, now);
      const hasRoom = this.#inFlight.size === 0 || (this.#inFlight.size + 1) * size <= maximumInFlight;
      if (dueAt > now || !hasRoom) {
        await this.#sleep(hasRoom ? dueAt - now : Infinity);
        continue;
      }
      const posts = await this.#take(size);
      if (posts.length > 0) {
        this.#pace.begin(posts.length);
        this.#statistics.begun += posts.length;
        this.#launch(posts, dueAt);
      }
    }
  }

  async #take(size: number): Promise<Post[]> {
    const posts: Post[] = [];
    while (posts.length < size && !this.#sourceEnded) {
      const post = await this.#options.source.next(this.#ending.signal);
      if (post === null) {
        this.#sourceEnded = true;
      } else {
        posts.push(post);
      }
    }
    return posts;
  }

  #launch(posts: readonly Post[], dueAt: number): void {
    const sending = this.#send(posts, dueAt)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#inFlight.delete(sending);
        this.#wake();
      });
    this.#inFlight.add(sending);
  }

  async #send(posts: readonly Post[], dueAt: number): Promise<void> {
    const unsent = unsentPosts(await this.#deliver(posts));
    if (unsent.size > 0) {
      await this.#options.unsentFile?.keep([...unsent.values()]);
    }
    const now = performance.now();
    for (const [place, post] of posts.entries()) {
      const missing = Object.keys(unsent.get(place)?.post ?? {}).length;
      this.#statistics.eventsUnsent += missing;
      this.#statistics.eventsSent += Object.keys(post).length - missing;
      this.#statistics.end(missing === 0, now - dueAt, now);
    }
  }

  /** The events that did not arrive: all of them when nothing can be sent at all, which also ends the run. */
  async #deliver(posts: readonly Post[]): Promise<readonly Undelivered[]> {
    try {
      return await this.#sender.send(posts, this.#ending.signal);
    } catch (error) {
      this.#fail(error);
      return posts.flatMap((post, place) =>
        Object.entries(post).map(([dataset, event]) => ({ place, dataset, event, reason: String(error) })),
      );
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.stop();
  }

  /** Waits, or until there is something new to look at. */
  #sleep(milliseconds: number): Promise<void> {
    if (this.#ending.signal.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      // Not for ever, because a timer has 31 bits.
      const timer = setTimeout(resolve, Math.min(milliseconds, 60_000));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Undelivered events by the place of their post. */
function unsentPosts(undelivered: readonly Undelivered[]): Map<number, UnsentPost> {
  const unsent = new Map<number, UnsentPost>();
  for (const { place, dataset, event, reason } of undelivered) {
    const { post = {}, reasons = {} } = unsent.get(place) ?? {};
    unsent.set(place, {
      post: { ...post, [dataset]: event },
      reasons: { ...reasons, [dataset]: reason },
    });
  }
  return unsent;
}

function assertPositive(what: string, value: number): void {
  if (!(value > 0)) {
    throw new RangeError(`The ${what} must be above 0, not ${value}.`);
  }
}
