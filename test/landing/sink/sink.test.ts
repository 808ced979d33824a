import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { landingFile, parseLandingFile } from '../../../pipeline/landing/layout.ts';
import { asOneLine, landedBefore, PartitionLanding } from '../../../pipeline/landing/partition.ts';
import { LandingError } from '../../../pipeline/landing/reader.ts';
import { runSink, type SinkOptions } from '../../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
import { type EventLog, LogError } from '../../../pipeline/log/log.ts';
import { StorageError } from '../../../pipeline/storage/error.ts';
import { localStore } from '../../../pipeline/storage/local.ts';
import type { ObjectStore } from '../../../pipeline/storage/object_store.ts';
import { append } from '../../log/contract.ts';
import { testFolder } from '../../support/folder.ts';
import { type Files, memoryStorage } from '../../support/memory_storage.ts';

const folder = testFolder('sink');
let landing: string;
let log: EmbeddedLog;

beforeEach(async () => {
  landing = join(folder, 'lake');
  log = await EmbeddedLog.open(join(folder, 'log'), { segmentBytes: 1000 });
  await log.createTopic('pin', 1);
});

afterEach(() => log.close());

const start = (options: Partial<SinkOptions> = {}) => runSink({ log, topics: ['pin'], landing, ...options });

/** Every landing file and its text, by path. */
function files(): Record<string, string> {
  if (!existsSync(landing)) {
    return {};
  }
  const names = readdirSync(landing, { recursive: true, encoding: 'utf8' });
  const json = names.filter((name) => name.endsWith('.json')).sort();
  return Object.fromEntries(json.map((name) => [name, readFileSync(join(landing, name), 'utf8')]));
}

describe('landingFile', () => {
  it('names files as Confluent’s sink does', () => {
    expect(landingFile('pin', 0, 0)).toBe('topics/pin/partition=0/pin+0+0000000000.json');
    expect(landingFile('0a60b9a8a831.pin', 12, 42n)).toBe(
      'topics/0a60b9a8a831.pin/partition=12/0a60b9a8a831.pin+12+0000000042.json',
    );
    expect(landingFile('pin', 0, 12_345_678_901n)).toBe('topics/pin/partition=0/pin+0+12345678901.json');
  });

  it('is undone by parseLandingFile', () => {
    const names = fc.record({
      topic: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/),
      partition: fc.nat(),
      firstOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
    });
    fc.assert(
      fc.property(names, (name) => {
        expect(parseLandingFile(landingFile(name.topic, name.partition, name.firstOffset))).toEqual(name);
      }),
    );
  });

  it.each([
    'topics/pin/partition=0/geo+0+0000000000.json',
    'topics/pin/partition=1/pin+0+0000000000.json',
    'topics/pin/partition=0/pin+0+000000000.json',
    'topics/pin/partition=0/pin+0+0000000000.json.tmp',
    'topics/pin/pin+0+0000000000.json',
  ])('%s is not a landing file', (path) => {
    expect(parseLandingFile(path)).toBeNull();
  });
});

describe('a record is one line', () => {
  it.each([
    ['{"a":1}', '{"a":1}'],
    ['{\n"a":1\n}', '{ "a":1 }'],
    ['{\r\n}', '{  }'],
    ['{\r}', '{\r}'],
    ['\n', ' '],
    ['\n\n\r\n', '    '],
    ['', ''],
  ])('%j is written as %j', (value, line) => {
    const bytes = Buffer.from(value);
    expect(Buffer.from(asOneLine(bytes)).toString()).toBe(line);
    expect(bytes.toString()).toBe(value);
  });

  it('bytes that are not UTF-8 stay as they are', () => {
    expect([...asOneLine(Uint8Array.of(0xff, 0x0a, 0xc3))]).toEqual([0xff, 0x20, 0xc3]);
  });
});

describe('the sink', () => {
  it('writes full files, and the remaining records when it is drained', async () => {
    await append(log, 'pin', ['0', '1', '2', '3', '4']);
    const sink = start({ flushSize: 2, rotateMilliseconds: 3_600_000 });
    await sink.drain();
    expect(files()).toEqual({
      'topics/pin/partition=0/pin+0+0000000000.json': '0\n1\n',
      'topics/pin/partition=0/pin+0+0000000002.json': '2\n3\n',
      'topics/pin/partition=0/pin+0+0000000004.json': '4\n',
    });
    expect(sink.progress()).toEqual({ records: 5, files: 3, bytes: 10, waiting: 0, behind: 0 });
    expect(await sink.stop()).toEqual(sink.progress());
  });

  it('writes a file that is not full after the rotation time', async () => {
    const sink = start({ flushSize: 1000, rotateMilliseconds: 1 });
    await append(log, 'pin', ['0']);
    await expect
      .poll(files, { timeout: 20_000 })
      .toEqual({ 'topics/pin/partition=0/pin+0+0000000000.json': '0\n' });
    await sink.stop();
  });

  it('keeps the records of a file that is not full until then', async () => {
    await append(log, 'pin', ['0', '1', '2']);
    const sink = start({ flushSize: 2, rotateMilliseconds: 3_600_000 });
    await expect.poll(() => sink.progress().waiting).toBe(1);
    expect(Object.keys(files())).toHaveLength(1);
    await sink.stop();
    expect(Object.keys(files())).toHaveLength(2);
  });

  it('continues after the last file, however files were cut before', async () => {
    await append(log, 'pin', ['0', '1', '2']);
    const first = start({ flushSize: 2 });
    await first.drain();
    await first.stop();
    await append(log, 'pin', ['3', '4']);
    const second = start({ flushSize: 100 });
    await second.drain();
    await second.stop();
    expect(files()).toEqual({
      'topics/pin/partition=0/pin+0+0000000000.json': '0\n1\n',
      'topics/pin/partition=0/pin+0+0000000002.json': '2\n',
      'topics/pin/partition=0/pin+0+0000000003.json': '3\n4\n',
    });
    expect((await start({ untilIdleMilliseconds: 1 }).finished).records).toBe(0);
  });

  it('gives a file its name when it is complete, not before', async () => {
    const store = localStore(landing);
    const path = 'topics/pin/partition=0/pin+0+0000000000.json';
    let written = false;
    const writing = store.putIfAbsent(path, Buffer.alloc(20_000_000, 'x')).finally(() => {
      written = true;
    });
    const sizes = new Set<number>();
    while (!written) {
      if (existsSync(join(landing, path))) {
        sizes.add(statSync(join(landing, path)).size);
      }
      await turn();
    }
    expect(await writing).toBe(true);
    sizes.add(statSync(join(landing, path)).size);
    expect([...sizes]).toEqual([20_000_000]);
  });

  it('removes a file that a kill left half written', async () => {
    const half = join(landing, 'topics/pin/partition=0/.pin+0+0000000000.json.0123.tmp');
    mkdirSync(join(half, '..'), { recursive: true });
    writeFileSync(half, '0\n1');
    await append(log, 'pin', ['0', '1']);
    const sink = start();
    await sink.drain();
    await sink.stop();
    expect(existsSync(half)).toBe(false);
    expect(files()).toEqual({ 'topics/pin/partition=0/pin+0+0000000000.json': '0\n1\n' });
  });

  it('waits for a topic that does not exist yet, and says so', async () => {
    const notices: string[] = [];
    const sink = start({ topics: ['pin', 'geo'], onNotice: (notice) => notices.push(notice) });
    await expect.poll(() => notices).toEqual(['The log has no topic geo yet: waiting for it.']);
    await log.createTopic('geo', 2);
    await append(log, 'geo', ['x']);
    await sink.drain();
    await sink.stop();
    expect(files()).toEqual({ 'topics/geo/partition=0/geo+0+0000000000.json': 'x\n' });
  });

  it('ends by itself when no more records come', async () => {
    await append(log, 'pin', ['0', '1']);
    expect(await start({ untilIdleMilliseconds: 100 }).finished).toMatchObject({ records: 2, files: 1 });
  });

  it('ends on a signal, with all that it read in files', async () => {
    await append(log, 'pin', ['0', '1']);
    const stop = new AbortController();
    const sink = start({ signal: stop.signal, rotateMilliseconds: 3_600_000 });
    await expect.poll(() => sink.progress().waiting).toBe(2);
    stop.abort();
    expect(await sink.finished).toMatchObject({ records: 2, waiting: 0 });
  });

  it('fails when records that were not landed are no longer in the log, or goes on behind them if that is wished', async () => {
    await append(log, 'pin', ['0']);
    const first = start();
    await first.drain();
    await first.stop();
    await log.close();
    log = await EmbeddedLog.open(join(folder, 'log'), { segmentBytes: 200, retentionBytes: 200 });
    for (let index = 1; index < 20; index++) {
      await append(log, 'pin', ['x'.repeat(100)]);
    }
    await expect(start().finished).rejects.toThrow(
      /Offset 1 of pin\/0 is not in the log.* Run again with --skip-expired/,
    );
    const notices: string[] = [];
    const sink = start({ skipExpired: true, onNotice: (notice) => notices.push(notice) });
    await sink.drain();
    await sink.stop();
    const earliest = Number(await log.earliest('pin', '0'));
    expect(notices).toEqual([
      `Passed over the records of pin/0 from 1 up to before the earliest that is kept, ${earliest}: they are lost.`,
    ]);
    expect(earliest).toBeGreaterThan(1);
    expect(Object.keys(files())).toEqual([landingFile('pin', 0, 0), landingFile('pin', 0, earliest)]);
    expect(sink.progress().records).toBe(20 - earliest);
    // Nothing is passed over where nothing was removed.
    const again = start({ skipExpired: true, onNotice: (notice) => notices.push(notice) });
    await again.drain();
    await again.stop();
    expect(notices).toHaveLength(1);
  });

  it('refuses a topic that was made again and is shorter, also when it may skip what has expired', async () => {
    await append(log, 'pin', ['0', '1', '2']);
    const first = start();
    await first.drain();
    await first.stop();
    await log.deleteTopic('pin');
    await log.createTopic('pin', 1);
    await append(log, 'pin', ['a']);
    await expect(start({ skipExpired: true }).finished).rejects.toThrow('The log was replaced or cut');
  });

  it('refuses a topic that was made again and is longer than what has landed', async () => {
    await append(log, 'pin', ['0', '1\n', '2\n']);
    const first = start();
    await first.drain();
    await first.stop();
    // Started again, it finds its last record.
    const same = start();
    await same.drain();
    await same.stop();
    await log.deleteTopic('pin');
    await log.createTopic('pin', 1);
    await append(log, 'pin', ['a', 'b', 'c', 'd', 'e']);
    const before = files();
    await expect(start().finished).rejects.toThrow(
      'Offset 2 of pin/0 is another record in the log than in topics/pin/partition=0/pin+0+0000000000.json',
    );
    expect(files()).toEqual(before);
  });

  it('is drained at the end of a log whose last offsets hold no record', async () => {
    await append(log, 'pin', ['0', '1', '2']);
    const positions: string[] = [];
    // As Kafka ends a transaction: the offsets exist, and are read past.
    const ended = withRead(log, async (topic, shard, from, limits) => {
      positions.push(from);
      const read = await log.read(topic, shard, from, limits);
      const records = read.records.filter(({ position }) => position === '0');
      return { ...read, records, recordsBehind: 0 };
    });
    const sink = start({ log: ended });
    await sink.drain();
    await sink.stop();
    expect(Object.values(files())).toEqual(['0\n']);
    expect(positions.slice(0, 2)).toEqual(['0', '3']);
  });

  it('asks a log again that does not answer, and says so once', async () => {
    await append(log, 'pin', ['0']);
    let failures = 3;
    const flaky = withRead(log, (...parameters) => {
      if (failures-- > 0) {
        return Promise.reject(new LogError('unavailable', 'The broker is away.'));
      }
      return log.read(...parameters);
    });
    const notices: string[] = [];
    const sink = start({ log: flaky, onNotice: (notice) => notices.push(notice) });
    await sink.drain();
    await sink.stop();
    expect(Object.values(files())).toEqual(['0\n']);
    expect(notices).toEqual(['The broker is away. Asking again.']);
  });

  it('fails at once when the log has lost a partition, which asking again does not bring back', async () => {
    await append(log, 'pin', ['0']);
    await log.close();
    rmSync(join(folder, 'log/topics/pin/0'), { recursive: true });
    mkdirSync(join(folder, 'log/topics/pin/partition=0'));
    log = await EmbeddedLog.open(join(folder, 'log'), { readOnly: true });
    const notices: string[] = [];
    await expect(start({ onNotice: (notice) => notices.push(notice) }).finished).rejects.toThrow(
      'The log has lost a folder',
    );
    expect(notices).toEqual([]);
  });

  it('refuses a folder that another sink writes', async () => {
    const first = start();
    await first.drain();
    await expect(start().finished).rejects.toThrow(/already written by process/);
    await first.stop();
  });

  it('says so when the folder cannot be written to, and its drain fails, too', async () => {
    writeFileSync(landing, 'a file, no folder');
    const sink = start();
    await expect(sink.finished).rejects.toThrow(LandingError);
    await expect(sink.drain()).rejects.toThrow(LandingError);
  });

  it('refuses a folder that holds another file with the extension of landing files', async () => {
    mkdirSync(join(landing, 'topics/pin/partition=0'), { recursive: true });
    writeFileSync(join(landing, 'topics/pin/partition=0/other.json'), '');
    await expect(start().finished).rejects.toThrow(/is not a landing file of this sink/);
  });

  it('refuses a folder in which another sink keeps compressed files', async () => {
    mkdirSync(join(landing, 'topics/pin/partition=0'), { recursive: true });
    writeFileSync(join(landing, 'topics/pin/partition=0/pin+0+0000000000.json.gz'), 'x');
    await expect(start().finished).rejects.toThrow(/json.gz is not a landing file of this sink/);
  });
});

describe('a partition’s files', () => {
  /** Keeps files in memory, and fails when it has so many. */
  function storeOf(files: Files, failAt: number): ObjectStore {
    const memory = memoryStorage(files);
    return {
      ...memory,
      putIfAbsent: async (path, bytes) => {
        if (files.size >= failAt) {
          throw new StorageError('killed');
        }
        expect(files.has(path), `${path} is written twice`).toBe(false);
        return memory.putIfAbsent(path, bytes);
      },
    };
  }

  it('hold each event once, whatever offsets the log leaves out or deletes and wherever runs end', async () => {
    const runs = fc.array(fc.record({ flushSize: fc.integer({ min: 1, max: 9 }), failAt: fc.nat(40) }), {
      maxLength: 8,
    });
    const gaps = fc.array(fc.record({ step: fc.integer({ min: 1, max: 3 }), isTombstone: fc.boolean() }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(gaps, runs, async (steps, crashes) => {
        let offset = -1n;
        const inLog = steps.map(({ step, isTombstone }) => {
          offset += BigInt(step);
          return { offset, isTombstone };
        });
        const offsets = inLog.flatMap(({ offset, isTombstone }) => (isTombstone ? [] : [offset]));
        const written: Files = new Map();
        for (const { flushSize, failAt } of [...crashes, { flushSize: 5, failAt: Infinity }]) {
          const store = storeOf(written, failAt);
          const next = (await landedBefore(store, 'pin', 0))?.next ?? 0n;
          const rotation = { flushSize, rotateMilliseconds: 1000 };
          const partition = new PartitionLanding(store, { topic: 'pin', partition: 0 }, rotation, next);
          const left = inLog.filter(({ offset }) => offset >= partition.next);
          const records = left.map(({ offset, isTombstone }) => ({
            position: String(offset),
            ...(isTombstone
              ? { value: new Uint8Array(), isTombstone }
              : { value: Buffer.from(String(offset)) }),
            key: null,
            timestamp: 0,
          }));
          const landing = partition.add(records).then(async () => {
            await partition.flush();
            expect(partition.next).toBe(left.length === 0 ? next : offset + 1n);
            expect(partition.waiting).toBe(0);
          });
          await landing.catch((error) => expect(String(error)).toMatch(/^LandingError: killed/));
        }
        const lines = [...written].flatMap(([path, { bytes }]) => {
          const first = parseLandingFile(path)?.firstOffset ?? -1n;
          const inFile = Buffer.from(bytes).toString().slice(0, -1).split('\n');
          expect(inFile).toEqual(inFile.map((_, index) => String(first + BigInt(index))));
          return inFile.map(BigInt);
        });
        expect(lines.sort((a, b) => (a < b ? -1 : 1))).toEqual(offsets);
      }),
    );
  });
});

/** A log that is read in another way. */
function withRead(real: EventLog, read: EventLog['read']): EventLog {
  return {
    topics: () => real.topics(),
    shards: (topic) => real.shards(topic),
    createTopic: (topic, shards) => real.createTopic(topic, shards),
    deleteTopic: (topic) => real.deleteTopic(topic),
    append: (topic, records) => real.append(topic, records),
    earliest: (topic, shard) => real.earliest(topic, shard),
    latest: (topic, shard) => real.latest(topic, shard),
    read,
    close: () => real.close(),
  };
}
