/** Takes posts from a source and sends them at a rate, with a bounded number in flight. */
import { Signal } from '../pipeline/log/signal.ts';
import { TaskGroup } from '../pipeline/task_group.ts';
import type { Post } from './event.ts';
import { Pace } from './pace.ts';
import { Sender, type SenderOptions, type Undelivered } from './senders/sender.ts';
import type { PostSource } from './sources/source.ts';
import { type EmulationSnapshot, Statistics } from './statistics.ts';
import type { UnsentFile, UnsentPost } from './unsent.ts';

export type { EmulationSnapshot } from './statistics.ts';

export interface EmulationOptions extends Omit<SenderOptions, 'onFailure'> {
  /** Closed by its opener. */
  readonly source: PostSource;
  /** Posts a second. Default: as fast as they are taken. */
  readonly rate?: number | undefined;
  /** Ends the emulation after this many posts. Default: when the source ends. */
  readonly count?: number | undefined;
  /** Posts in flight at most; further ones wait, late, until there is room. Default 256. */
  readonly maximumInFlight?: number;
  /** Posts sent together, a request for each dataset. Default 1. Never more than a tenth of a second's worth. */
  readonly batch?: number;
  /** Keeps the posts that could not be sent. Without it they are only counted. */
  readonly unsentFile?: UnsentFile;
  /** Ends the emulation: no post is begun and no request repeated; what is under way is awaited. */
  readonly signal?: AbortSignal;
}

/** A running emulation. */
export interface Emulation {
  /** Resolves when all posts are sent, or kept as unsent; rejects when the source or the unsent file fails. */
  readonly done: Promise<EmulationSnapshot>;
  /** Begins no posts until it is resumed. */
  pause(): void;
  resume(): void;
  /** @param rate posts a second, above 0 */
  setRate(rate: number): void;
  snapshot(): EmulationSnapshot;
  /** Ends the emulation as aborting the signal does. */
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
  private readonly group: TaskGroup;
  private readonly pace: Pace;
  private readonly statistics: Statistics;
  private readonly sender: Sender;
  /** Number of batches that are being sent. */
  private inFlight = 0;
  /** Woken when the loop has to compute again what is due. */
  private readonly changed = new Signal();
  private sourceEnded = false;

  constructor(private readonly options: EmulationOptions) {
    const { rate = Infinity, signal } = options;
    assertPositive('rate', rate);
    assertPositive('number of posts in flight', options.maximumInFlight ?? 1);
    assertPositive('number of posts in a batch', options.batch ?? 1);
    this.group = new TaskGroup(signal);
    this.pace = new Pace(rate, performance.now());
    this.statistics = new Statistics(performance.now());
    this.sender = new Sender({
      ...options,
      onFailure: (reason, willRetry) => this.statistics.fail(reason, willRetry),
    });
  }

  pause(): void {
    this.pace.pause();
  }

  resume(): void {
    this.pace.resume(performance.now());
    this.changed.wake(true);
  }

  setRate(rate: number): void {
    assertPositive('rate', rate);
    this.pace.setRate(rate, performance.now());
    this.changed.wake(true);
  }

  snapshot(): EmulationSnapshot {
    return this.statistics.snapshot(performance.now(), this.pace);
  }

  stop(): void {
    this.group.abort();
  }

  async run(): Promise<EmulationSnapshot> {
    this.group.signal.addEventListener('abort', () => this.changed.wake(true), { once: true });
    try {
      this.group.spawn(() => this.beginPosts());
      await this.group.join();
      return this.snapshot();
    } finally {
      await this.sender.close();
    }
  }

  /** Begins posts when they are due and there is room, until there are no more to begin. */
  private async beginPosts(): Promise<void> {
    const { count = Infinity, maximumInFlight = 256, batch = 1 } = this.options;
    while (!this.group.signal.aborted && !this.sourceEnded && this.statistics.begun < count) {
      const size = Math.min(batch, count - this.statistics.begun, Math.ceil(this.pace.rate / 10));
      const now = performance.now();
      const dueAt = this.pace.dueAt(size, now);
      const hasRoom = this.inFlight === 0 || (this.inFlight + 1) * size <= maximumInFlight;
      if (dueAt > now || !hasRoom) {
        const longest = 60_000;
        await this.changed.wait(hasRoom ? Math.min(dueAt - now, longest) : longest);
        continue;
      }
      const posts = await this.take(size);
      if (posts.length > 0) {
        this.pace.begin(posts.length);
        this.statistics.begun += posts.length;
        this.inFlight += 1;
        this.group.spawn(() => this.send(posts, dueAt).finally(() => this.endBatch()));
      }
    }
  }

  private async take(size: number): Promise<Post[]> {
    const posts: Post[] = [];
    while (posts.length < size && !this.sourceEnded) {
      const post = await this.options.source.next(this.group.signal);
      if (post === null) {
        this.sourceEnded = true;
      } else {
        posts.push(post);
      }
    }
    return posts;
  }

  private endBatch(): void {
    this.inFlight -= 1;
    this.changed.wake(true);
  }

  private async send(posts: readonly Post[], dueAt: number): Promise<void> {
    const unsent = unsentPosts(await this.deliver(posts));
    if (unsent.size > 0) {
      await this.options.unsentFile?.keep([...unsent.values()]);
    }
    const now = performance.now();
    for (const [place, post] of posts.entries()) {
      const missing = Object.keys(unsent.get(place)?.post ?? {}).length;
      this.statistics.eventsUnsent += missing;
      this.statistics.eventsSent += Object.keys(post).length - missing;
      this.statistics.end(missing === 0, now - dueAt, now);
    }
  }

  /** Gives the events that did not arrive: all of them when nothing can be sent at all, which also ends the run. */
  private async deliver(posts: readonly Post[]): Promise<readonly Undelivered[]> {
    try {
      return await this.sender.send(posts, this.group.signal);
    } catch (error) {
      this.group.fail(error);
      return posts.flatMap((post, place) =>
        Object.entries(post).map(([dataset, event]) => ({ place, dataset, event, reason: String(error) })),
      );
    }
  }
}

/** Groups undelivered events by the index of their post. */
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
