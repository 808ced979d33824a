/**
 * Server-sent events for the live page: to each reader what has changed since it was last told, and no more.
 * A reader that is slow is told later and then of the newest alone, so it costs the same however slow it is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Row, rowsOf } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import { answerCard, chartOptions } from './answer_cards.ts';
import { type LiveSource, statusOf } from './live_source.ts';
import { statusParts } from './live_status_html.ts';

/** Where events are written: a response. */
export interface EventOutput {
  /** False when what was written waits in memory, until `drain`. */
  write(text: string): boolean;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  end(text: string): unknown;
}

/** The newest of one thing that readers are told of. */
interface Told {
  /** What it is made from, so that a change is seen. */
  readonly content: string;
  /** The event, ready to be written. */
  readonly event: string;
  /** Grows with each change of anything. */
  readonly serial: number;
}

interface Reader {
  readonly output: EventOutput;
  /** The newest change that it was told of. */
  serial: number;
  /** What was written waits in memory. */
  full: boolean;
}

/** Shortest time between two looks at the source, and longest between two signs of life to a reader. */
export interface UpdateTimes {
  readonly betweenUpdates: number;
  readonly signOfLife: number;
}

const defaultTimes: UpdateTimes = { betweenUpdates: 250, signOfLife: 1000 };

export class LiveUpdates {
  readonly #source: LiveSource;
  readonly #times: UpdateTimes;
  readonly #readers = new Set<Reader>();
  readonly #told = new Map<string, Told>();
  readonly #stopListening: () => void;
  #serial = 0;
  /** Version and state of the stream when the answers were looked at. */
  #answersAt = '';
  #lookedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #timerIsFor = Number.POSITIVE_INFINITY;

  constructor(source: LiveSource, times: Partial<UpdateTimes> = {}) {
    this.#source = source;
    this.#times = { ...defaultTimes, ...times };
    this.#stopListening = source.stream.onChange(() => this.soon());
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Tells a reader all there is, and from then on what changes, until it goes away. */
  add(output: EventOutput): void {
    const reader: Reader = { output, serial: 0, full: false };
    this.#readers.add(reader);
    output.once('close', () => this.#readers.delete(reader));
    // The browser asks again one second after a connection was lost.
    output.write('retry: 1000\n\n');
    this.#look();
  }

  /** There is something new: readers hear of it, at most once in `betweenUpdates`. */
  soon(): void {
    this.#lookAt(this.#lookedAt + this.#times.betweenUpdates);
  }

  /** Tells readers the last of it and that this was the end; who has not taken it within two seconds goes without. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#look();
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    const gone = [...this.#readers].map(
      ({ output }) =>
        new Promise<void>((resolve) => {
          output.once('close', resolve);
          output.end('event: end\ndata: {}\n\n');
        }),
    );
    const enough = new AbortController();
    await Promise.race([Promise.all(gone), pause(2000, undefined, { signal: enough.signal })]);
    enough.abort();
  }

  #lookAt(time: number): void {
    if (this.#readers.size === 0 || time >= this.#timerIsFor) {
      return;
    }
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    this.#timerIsFor = time;
    this.#timer = setTimeout(() => this.#look(), Math.max(0, time - performance.now()));
  }

  /** Sees what has changed, tells every reader that has room, and looks again when there must be a sign of life. */
  #look(): void {
    this.#timerIsFor = Number.POSITIVE_INFINITY;
    if (this.#readers.size === 0) {
      return;
    }
    const { stream } = this.#source;
    // The version does not grow while an earlier run's rows are taken in again.
    const at = `${stream.version} ${stream.status().state}`;
    if (at !== this.#answersAt) {
      this.#answersAt = at;
      for (const query of this.#source.queries) {
        this.#seeAnswer(query, rowsOf(stream.answer(query)));
      }
    }
    this.#seeStatus();
    for (const reader of this.#readers) {
      this.#tell(reader);
    }
    this.#lookedAt = performance.now();
    this.#lookAt(this.#lookedAt + this.#times.signOfLife);
  }

  #seeAnswer(query: Query, rows: readonly Row[]): void {
    const { name } = query;
    this.#see(name, JSON.stringify(rows), () => {
      const answer = { query, rows };
      return eventOf('answer', { name, rows, html: answerCard(answer), charts: chartOptions(answer) });
    });
  }

  #seeStatus(): void {
    const status = statusOf(this.#source);
    this.#see('', JSON.stringify(status), () => eventOf('status', { status, html: statusParts(status) }));
  }

  #see(what: string, content: string, event: () => string): void {
    if (this.#told.get(what)?.content !== content) {
      this.#serial += 1;
      this.#told.set(what, { content, event: event(), serial: this.#serial });
    }
  }

  #tell(reader: Reader): void {
    if (reader.full) {
      return;
    }
    const news = [...this.#told.values()].filter(({ serial }) => serial > reader.serial);
    const text = news.length === 0 ? ': nothing new\n\n' : news.map(({ event }) => event).join('');
    reader.serial = this.#serial;
    if (!reader.output.write(text)) {
      reader.full = true;
      reader.output.once('drain', () => {
        reader.full = false;
        this.soon();
      });
    }
  }
}

/** JSON holds no line end, so it is one line of data (HTML Standard, "Server-sent events"). */
function eventOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
