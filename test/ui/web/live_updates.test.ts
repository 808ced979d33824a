import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EventOutput, LiveUpdates } from '../../../pipeline/ui/web/live_updates.ts';
import { queries } from '../../../queries/index.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { ExampleSource } from './live_example.ts';

/** A reader's connection that takes what a test lets it take. */
class Connection implements EventOutput {
  written: string[] = [];
  hasRoom = true;
  readonly #listeners: { event: string; listener: () => void }[] = [];

  write(text: string): boolean {
    this.written.push(text);
    return this.hasRoom;
  }

  once(event: 'drain' | 'close', listener: () => void): void {
    this.#listeners.push({ event, listener });
  }

  end(text: string): void {
    this.written.push(text);
    this.happens('close');
  }

  happens(event: 'drain' | 'close'): void {
    for (const waiting of this.#listeners.splice(0)) {
      if (waiting.event === event) waiting.listener();
      else this.#listeners.push(waiting);
    }
  }

  /** The names of the events since the last call. */
  news(): string[] {
    return [
      ...this.written
        .splice(0)
        .join('')
        .matchAll(/event: (\w+)\ndata: (?:\{"name":"(\w+)")?/g),
    ].map(([, event = '', name]) => name ?? event);
  }
}

let source: ExampleSource;
let updates: LiveUpdates;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  source = new ExampleSource();
  updates = new LiveUpdates(source, { betweenUpdates: 250, signOfLife: 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function connected(hasRoom = true): Connection {
  const connection = new Connection();
  updates.add(connection);
  connection.hasRoom = hasRoom;
  connection.news();
  return connection;
}

const joined = (number: number) => [{ join_year: 2015, number_users_joined: number }];

describe('updates', () => {
  it('come at most once in their time, with the newest of what changed', () => {
    const connection = connected();
    for (let number = 1; number <= 1000; number += 1) source.set(usersJoinedByYear, joined(number));
    expect(connection.news()).toEqual([]);
    vi.advanceTimersByTime(250);
    expect(connection.written.join('')).toContain('"number_users_joined":1000}');
    expect(connection.news()).toEqual(['users_joined_by_year']);
    vi.advanceTimersByTime(749);
    expect(connection.written).toEqual([]);
  });

  it('are a sign of life when nothing changes', () => {
    const connection = connected();
    vi.advanceTimersByTime(3000);
    expect(connection.written).toEqual(Array.from({ length: 3 }, () => ': nothing new\n\n'));
  });

  it('wait for a slow reader, who then hears of the newest alone; others do not wait for it', () => {
    const slow = connected(false);
    const quick = connected();
    for (let number = 1; number <= 50; number += 1) {
      source.set(usersJoinedByYear, joined(number));
      source.setStatus({ eventsPerSecond: number });
      vi.advanceTimersByTime(250);
    }
    expect(quick.news()).toHaveLength(100);
    expect(slow.written).toHaveLength(1);
    slow.written = [];
    slow.hasRoom = true;
    slow.happens('drain');
    vi.advanceTimersByTime(250);
    expect(slow.written.join('')).toContain('"number_users_joined":50}');
    expect(slow.news()).toEqual(['users_joined_by_year', 'status']);
  });

  it('are not made when there is nobody to read them', () => {
    const answer = vi.spyOn(source, 'answer');
    source.set(usersJoinedByYear, joined(1));
    vi.advanceTimersByTime(60_000);
    expect(answer).not.toHaveBeenCalled();
    const connection = connected();
    expect(answer).toHaveBeenCalledTimes(queries.length);
    connection.happens('close');
    expect(updates.readers).toBe(0);
    source.set(usersJoinedByYear, joined(2));
    vi.advanceTimersByTime(60_000);
    expect(answer).toHaveBeenCalledTimes(queries.length);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are made once for all readers', () => {
    const answer = vi.spyOn(source, 'answer');
    const readers = Array.from({ length: 100 }, () => connected());
    source.set(usersJoinedByYear, joined(1));
    vi.advanceTimersByTime(250);
    expect(answer).toHaveBeenCalledTimes(2 * queries.length);
    for (const reader of readers) expect(reader.news()).toEqual(['users_joined_by_year']);
  });
});
