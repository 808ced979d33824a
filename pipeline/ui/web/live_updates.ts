/**
 * Server-sent events for the live page. Each reader gets only what has changed since its last events. A slow reader gets
 * later only the newest, so it costs the same however slow it is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Row, rowsOf } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import { answerCard, chartOptions } from './answer_cards.ts';
import { type LiveSource, statusOf } from './live_source.ts';
import { statusParts } from './live_status_html.ts';

/** The output of events: a response. */
export interface EventOutput {
  /** False when the events wait in memory, until `drain`. */
  write(events: string | Buffer): boolean;
  /** Gathers what is written until `uncork`. */
  cork(): void;
  uncork(): void;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  end(events: string): unknown;
}

/** The newest event of an answer or of the status. */
interface Update {
  /** The content that the event was made from, to detect changes. */
  readonly content: string;
  /** The event, ready to be written. Its bytes are in memory once, however many readers have yet to take them. */
  readonly event: Buffer;
  /** Grows with each change of anything. */
  readonly serial: number;
}

interface Reader {
  readonly output: EventOutput;
  /** The serial of the newest update that it got. */
  serial: number;
  /** True while events wait in memory. */
  full: boolean;
}

export interface UpdateTimes {
  /** The shortest time between two checks of the source, in milliseconds. */
  readonly betweenUpdates: number;
  /** The longest time between two signs of life to a reader, in milliseconds. */
  readonly signOfLife: number;
  /**
   * The time after which a connection is dead on which nothing moves, in milliseconds: something is written at each sign of
   * life. Readers that do not read hold what was sent to them; it is the same memory for all that were sent the same.
   */
  readonly patience: number;
}

export const defaultTimes: UpdateTimes = { betweenUpdates: 50, signOfLife: 1000, patience: 15_000 };

export class LiveUpdates {
  private readonly times: UpdateTimes;
  private readonly connected = new Set<Reader>();
  private readonly updates = new Map<string, Update>();
  private readonly unsubscribe: () => void;
  private serial = 0;
  /** Version and state of the stream at the last check of the answers. */
  private checkedState = '';
  private checkedAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly source: LiveSource,
    times: Partial<UpdateTimes> = {},
  ) {
    this.times = { ...defaultTimes, ...times };
    this.unsubscribe = source.stream.onChange(() => this.schedule());
  }

  get readers(): number {
    return this.connected.size;
  }

  /** Sends a reader everything, and then what changes, until it disconnects. */
  add(output: EventOutput): void {
    const reader: Reader = { output, serial: 0, full: false };
    this.connected.add(reader);
    output.once('close', () => this.connected.delete(reader));
    // The browser reconnects one second after it has lost the connection.
    output.write('retry: 1000\n\n');
    this.check();
  }

  /** Schedules a check of the source, at most one in `betweenUpdates`. */
  schedule(): void {
    this.checkAt(this.checkedAt + this.times.betweenUpdates);
  }

  /** Sends readers the last updates and the end; drops those that have not taken it within two seconds. */
  async close(): Promise<void> {
    this.unsubscribe();
    this.check();
    clearTimeout(this.timer);
    const closed = [...this.connected].map(
      ({ output }) =>
        new Promise<void>((resolve) => {
          output.once('close', resolve);
          output.end('event: end\ndata: {}\n\n');
        }),
    );
    const allClosed = new AbortController();
    await Promise.race([Promise.all(closed), pause(2000, undefined, { signal: allClosed.signal })]);
    allClosed.abort();
  }

  private checkAt(time: number): void {
    if (this.connected.size === 0 || time >= this.timerAt) {
      return;
    }
    clearTimeout(this.timer);
    this.timerAt = time;
    this.timer = setTimeout(() => this.check(), Math.max(0, time - performance.now()));
  }

  /** Updates what has changed, writes to every reader that has room, and schedules the next sign of life. */
  private check(): void {
    this.timerAt = Number.POSITIVE_INFINITY;
    if (this.connected.size === 0) {
      return;
    }
    const { stream, queries } = this.source;
    // The state belongs to it: the version does not grow while rows of an earlier run are replayed.
    const state = `${stream.version} ${stream.status().state}`;
    if (state !== this.checkedState) {
      this.checkedState = state;
      for (const query of queries) {
        this.updateAnswer(query, rowsOf(stream.answer(query)));
      }
    }
    this.updateStatus();
    for (const reader of this.connected) {
      this.writeTo(reader);
    }
    this.checkedAt = performance.now();
    this.checkAt(this.checkedAt + this.times.signOfLife);
  }

  private updateAnswer(query: Query, rows: readonly Row[]): void {
    const { name } = query;
    this.update(name, JSON.stringify(rows), () => {
      const answer = { query, rows };
      return eventOf('answer', { name, rows, html: answerCard(answer), charts: chartOptions(answer) });
    });
  }

  private updateStatus(): void {
    const status = statusOf(this.source);
    this.update('', JSON.stringify(status), () => eventOf('status', { status, html: statusParts(status) }));
  }

  private update(key: string, content: string, event: () => Buffer): void {
    if (this.updates.get(key)?.content !== content) {
      this.serial += 1;
      this.updates.set(key, { content, event: event(), serial: this.serial });
    }
  }

  private writeTo(reader: Reader): void {
    if (reader.full) {
      return;
    }
    const unseen = [...this.updates.values()].filter(({ serial }) => serial > reader.serial);
    const events = unseen.length === 0 ? [': nothing new\n\n'] : unseen.map(({ event }) => event);
    reader.serial = this.serial;
    reader.output.cork();
    const hasRoom = events.map((event) => reader.output.write(event)).at(-1);
    reader.output.uncork();
    if (!hasRoom) {
      reader.full = true;
      reader.output.once('drain', () => {
        reader.full = false;
        this.schedule();
      });
    }
  }
}

/** An event as text: JSON has no line ends, so it is one line of data (HTML Standard, "Server-sent events"). */
function eventOf(name: string, data: unknown): Buffer {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
