import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EventOutput, LiveUpdates } from '../../../pipeline/ui/web/live_updates.ts';
import { queries } from '../../../queries/index.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { ExampleSource } from './live_example.ts';

/** A reader's connection whose buffer a test controls. */
class Connection implements EventOutput {
  written: string[] = [];
  /** What was written, as it was given. */
  readonly given: unknown[] = [];
  hasRoom = true;
  private readonly listeners: { event: string; listener: () => void }[] = [];

  write(events: string | Buffer): boolean {
    this.given.push(events);
    this.written.push(String(events));
    return this.hasRoom;
  }

  cork(): void {}

  uncork(): void {}

  once(event: 'drain' | 'close', listener: () => void): void {
    this.listeners.push({ event, listener });
  }

  end(events: string): void {
    this.written.push(events);
    this.emit('close');
  }

  emit(event: 'drain' | 'close'): void {
    for (const entry of this.listeners.splice(0)) {
      if (entry.event === event) {
        entry.listener();
      } else {
        this.listeners.push(entry);
      }
    }
  }

  /** The names of the events since the last call. */
  newEvents(): string[] {
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
  connection.newEvents();
  return connection;
}

const joined = (number: number) => [{ join_year: 2015, number_users_joined: number }];

describe('live updates', () => {
  it('are sent at most once in `betweenUpdates`, with only the newest change', () => {
    const connection = connected();
    for (let number = 1; number <= 1000; number += 1) {
      source.set(usersJoinedByYear, joined(number));
    }
    expect(connection.newEvents()).toEqual([]);
    vi.advanceTimersByTime(250);
    expect(connection.written.join('')).toContain('"number_users_joined":1000}');
    expect(connection.newEvents()).toEqual(['users_joined_by_year']);
    vi.advanceTimersByTime(749);
    expect(connection.written).toEqual([]);
  });

  it('include a sign of life when nothing changes', () => {
    const connection = connected();
    vi.advanceTimersByTime(3000);
    expect(connection.written).toEqual(Array.from({ length: 3 }, () => ': nothing new\n\n'));
  });

  it('skip to the newest for a slow reader, without delaying the others', () => {
    const slow = connected(false);
    const quick = connected();
    for (let number = 1; number <= 50; number += 1) {
      source.set(usersJoinedByYear, joined(number));
      source.setStatus({ eventsPerSecond: number });
      vi.advanceTimersByTime(250);
    }
    expect(quick.newEvents()).toHaveLength(100);
    expect(slow.written).toHaveLength(1);
    slow.written = [];
    slow.hasRoom = true;
    slow.emit('drain');
    vi.advanceTimersByTime(250);
    expect(slow.written.join('')).toContain('"number_users_joined":50}');
    expect(slow.newEvents()).toEqual(['users_joined_by_year', 'status']);
  });

  it('are not computed while nobody reads them', () => {
    const answer = vi.spyOn(source, 'answer');
    source.set(usersJoinedByYear, joined(1));
    vi.advanceTimersByTime(60_000);
    expect(answer).not.toHaveBeenCalled();
    const connection = connected();
    expect(answer).toHaveBeenCalledTimes(queries.length);
    connection.emit('close');
    expect(updates.readers).toBe(0);
    source.set(usersJoinedByYear, joined(2));
    vi.advanceTimersByTime(60_000);
    expect(answer).toHaveBeenCalledTimes(queries.length);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are computed once for all readers', () => {
    const answer = vi.spyOn(source, 'answer');
    const readers = Array.from({ length: 100 }, () => connected());
    source.set(usersJoinedByYear, joined(1));
    vi.advanceTimersByTime(250);
    expect(answer).toHaveBeenCalledTimes(2 * queries.length);
    for (const reader of readers) {
      expect(reader.newEvents()).toEqual(['users_joined_by_year']);
    }
  });
});

it('hold the same memory for all readers that do not read', () => {
  const readers = [connected(false), connected(false)];
  vi.advanceTimersByTime(1000);
  const [first, second] = readers.map(({ given }) => given.filter((events) => Buffer.isBuffer(events)));
  expect(first).toHaveLength(queries.length + 1);
  expect(second?.every((events, place) => events === first?.[place])).toBe(true);
});
