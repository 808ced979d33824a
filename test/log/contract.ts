/** The contract of every log: one suite, run on each implementation. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type EventLog, LogError, type LogRecord } from '../../pipeline/log/log.ts';

/** A log under test, and what its kind can do. */
export interface ContractSubject {
  /** The log, opened before the tests run. */
  readonly log: () => EventLog;
  /** Opens it anew, as another process would. */
  readonly reopen: () => Promise<EventLog>;
  /** A value that is too large for it, bytes. */
  readonly tooLarge: number;
  /** It has nowhere to put the trace of a record. */
  readonly keepsNoTraces?: boolean;
}

const limits = { maximumBytes: 1024 * 1024, waitMilliseconds: 5000 };

/** Declares the suite. */
export function describeContract(title: string, subject: ContractSubject): void {
  describe(title, () => {
    it('tells whether it created a topic, and lists it', async () => {
      const topic = newName();
      expect(await subject.log().createTopic(topic, 2)).toBe(true);
      expect(await subject.log().createTopic(topic, 2)).toBe(false);
      expect(await subject.log().topics()).toContain(topic);
      const shards = await subject.log().shards(topic);
      expect(shards).toHaveLength(2);
      expect(shards.every(({ parents }) => parents.length === 0)).toBe(true);
    });

    it('returns appended records in order, with growing positions', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      const values = ['{"index":1}', '', '{"title":"naïve 😀 "}', 'not json\n\0'];
      const results = await append(subject.log(), topic, values);
      const read = await readAll(subject.log(), topic, shard, values.length);
      expect(read.map(({ value }) => Buffer.from(value).toString())).toEqual(values);
      expect(read.map(({ position }) => position)).toEqual(results);
      const positions = read.map(({ position }) => BigInt(position));
      expect(
        positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? 0n)),
      ).toBe(true);
      expect(read.every(({ timestamp }) => Math.abs(timestamp - Date.now()) < 600_000)).toBe(true);
    });

    it('keeps records of one key in one shard, in order, and returns the key', async () => {
      const topic = newName();
      await subject.log().createTopic(topic, 3);
      const records = Array.from({ length: 30 }, (_, index) => ({
        value: Buffer.from(String(index)),
        key: `key ${index % 5}`,
      }));
      const results = await subject.log().append(topic, records);
      const shardOf = new Map<string, string>();
      for (const [index, result] of results.entries()) {
        if ('error' in result) {
          throw result.error;
        }
        const key = `key ${index % 5}`;
        expect(shardOf.get(key) ?? result.shard).toBe(result.shard);
        shardOf.set(key, result.shard);
      }
      for (const [key, shard] of shardOf) {
        const there = [...shardOf.values()].filter((other) => other === shard).length * 6;
        const read = (await readAll(subject.log(), topic, shard, there)).filter(
          (record) => record.key === key,
        );
        expect(read.map(({ value }) => Number(Buffer.from(value).toString()) % 5)).toEqual(
          Array.from({ length: 6 }, () => Number(key.slice(4))),
        );
      }
    });

    it.skipIf(subject.keepsNoTraces)('keeps the trace of a record, beside those that have none', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const records = [
        { value: Buffer.from('traced'), key: 'key', traceparent },
        { value: Buffer.from('not traced'), key: 'key' },
        { value: Buffer.from(''), traceparent },
      ];
      await subject.log().append(topic, records);
      const read = await readAll(subject.log(), topic, shard, records.length);
      expect(
        read.map((record) => [Buffer.from(record.value).toString(), record.key, record.traceparent]),
      ).toEqual([
        ['traced', 'key', traceparent],
        ['not traced', 'key', undefined],
        ['', null, traceparent],
      ]);
    });

    it('puts a record into the shard that is asked for', async () => {
      const topic = newName();
      await subject.log().createTopic(topic, 3);
      const shards = await subject.log().shards(topic);
      for (const { id } of shards) {
        const [result] = await subject.log().append(topic, [{ value: Buffer.from(id), shard: id }]);
        expect(result).toMatchObject({ shard: id });
        expect(
          (await readAll(subject.log(), topic, id, 1)).map(({ value }) => Buffer.from(value).toString()),
        ).toEqual([id]);
      }
    });

    it('continues after the records that were read, from `next`', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      await append(subject.log(), topic, ['a', 'b']);
      let position = await subject.log().earliest(topic, shard);
      const seen: string[] = [];
      while (seen.length < 2) {
        position = await readOnce(position, seen);
      }
      await append(subject.log(), topic, ['c']);
      while (seen.length < 3) {
        position = await readOnce(position, seen);
      }
      expect(seen).toEqual(['a', 'b', 'c']);

      async function readOnce(from: string, into: string[]): Promise<string> {
        const { records, next } = await subject.log().read(topic, shard, from, limits);
        into.push(...records.map(({ value }) => Buffer.from(value).toString()));
        return next;
      }
    });

    it('gives at least one record and about as many bytes as asked for', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      await append(
        subject.log(),
        topic,
        Array.from({ length: 20 }, () => 'x'.repeat(100)),
      );
      let position = await subject.log().earliest(topic, shard);
      const sizes: number[] = [];
      for (const maximumBytes of [1, 350, 350]) {
        let length = 0;
        while (length === 0) {
          const read = await subject.log().read(topic, shard, position, { ...limits, maximumBytes });
          position = read.next;
          length = read.records.length;
        }
        sizes.push(length);
      }
      expect(sizes).toEqual([1, 3, 3]);
    });

    it('returns nothing after the latest record, and then what is appended', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      await append(subject.log(), topic, ['before']);
      await readAll(subject.log(), topic, shard, 1);
      const latest = await subject.log().latest(topic, shard);
      const none = await subject.log().read(topic, shard, latest, { ...limits, waitMilliseconds: 0 });
      expect(none.records).toEqual([]);
      expect(none.recordsBehind ?? 0).toBe(0);
      expect(none.millisecondsBehind).toBe(0);
      const reading = readAll(subject.log(), topic, shard, 1, none.next);
      await append(subject.log(), topic, ['after']);
      expect((await reading).map(({ value }) => Buffer.from(value).toString())).toEqual(['after']);
    });

    it('wakes a waiting reader', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      const from = await subject.log().earliest(topic, shard);
      const reading = subject.log().read(topic, shard, from, { ...limits, waitMilliseconds: 60_000 });
      await append(subject.log(), topic, ['late']);
      expect((await reading).records.map(({ value }) => Buffer.from(value).toString())).toEqual(['late']);
    });

    it('keeps records and positions when it is opened again', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      const positions = await append(subject.log(), topic, ['a', 'b', 'c']);
      const again = await subject.reopen();
      try {
        const all = await readAll(again, topic, shard, 3);
        expect(all.map(({ position }) => position)).toEqual(positions);
      } finally {
        await again.close();
      }
    });

    it('deletes a topic, and creates it again without its records', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      await append(subject.log(), topic, ['old 1', 'old 2', 'old 3']);
      await readAll(subject.log(), topic, shard, 3);
      await subject.log().deleteTopic(topic);
      expect(await subject.log().topics()).not.toContain(topic);
      for (const act of [
        () => subject.log().shards(topic),
        () => append(subject.log(), topic, ['lost']),
        () => subject.log().earliest(topic, shard),
        () => subject.log().deleteTopic(topic),
      ]) {
        expect((await failure(act)).code).toBe('unknown_topic');
      }
      expect(await subject.log().createTopic(topic, 1)).toBe(true);
      await append(subject.log(), topic, ['new']);
      const read = await readAll(subject.log(), topic, shard, 1);
      expect(read.map(({ value }) => Buffer.from(value).toString())).toEqual(['new']);
    });

    it('tells a reader elsewhere that its topic was deleted', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      await append(subject.log(), topic, ['a', 'b']);
      const reader = await subject.reopen();
      let position = await reader.earliest(topic, shard);
      for (let read = 0; read < 2; ) {
        const { records, next } = await reader.read(topic, shard, position, limits);
        position = next;
        read += records.length;
      }
      await subject.log().deleteTopic(topic);
      const error = await failure(async () => {
        // A read that was waiting may end with nothing; the next one knows.
        for (let empty = 0; empty < 8; empty++) {
          expect((await reader.read(topic, shard, position, limits)).records).toEqual([]);
        }
      });
      expect(error.code).toBe('unknown_topic');
      await reader.close();
    });

    it('names the topics that exist when one does not', async () => {
      const topic = newName();
      await subject.log().createTopic(topic, 1);
      const unknown = newName();
      for (const act of [
        () => subject.log().shards(unknown),
        () => subject.log().append(unknown, [{ value: Buffer.from('x') }]),
        () => subject.log().earliest(unknown, '0'),
      ]) {
        const error = await failure(act);
        expect(error.code).toBe('unknown_topic');
        expect(error.message).toContain(topic);
      }
    });

    it('refuses a shard that does not exist', async () => {
      const { topic } = await topicOfOne(subject.log());
      const read = await failure(() => subject.log().earliest(topic, 'nowhere'));
      expect(read.code).toBe('unknown_shard');
      const written = await failure(() =>
        subject.log().append(topic, [{ value: Buffer.from('x'), shard: 'nowhere' }]),
      );
      expect(written.code).toBe('unknown_shard');
    });

    it('refuses a record that is too large and takes those beside it', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      const large = { value: Buffer.alloc(subject.tooLarge, 'x') };
      const results = await subject
        .log()
        .append(topic, [{ value: Buffer.from('a') }, large, { value: Buffer.from('b') }]);
      expect(results.map((result) => ('error' in result ? result.error.code : 'taken'))).toEqual([
        'taken',
        'too_large',
        'taken',
      ]);
      const read = await readAll(subject.log(), topic, shard, 2);
      expect(read.map(({ value }) => Buffer.from(value).toString())).toEqual(['a', 'b']);
      expect((await failure(() => subject.log().append(topic, [large]))).code).toBe('too_large');
    });

    it('refuses a string that is not a position', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      expect((await failure(() => subject.log().read(topic, shard, '1; drop', limits))).code).toBe('refused');
    });

    it('takes many appends at once and loses or repeats none', async () => {
      const { topic, shard } = await topicOfOne(subject.log());
      const texts = Array.from({ length: 200 }, (_, index) => `record ${index}`);
      const positions = await Promise.all(texts.map((text) => append(subject.log(), topic, [text])));
      const read = await readAll(subject.log(), topic, shard, texts.length);
      const valueAt = new Map(read.map(({ position, value }) => [position, Buffer.from(value).toString()]));
      expect(positions.map(([position = '']) => valueAt.get(position))).toEqual(texts);
    });
  });
}

/** A name that no other test uses. */
export function newName(): string {
  return `contract-${randomUUID()}`;
}

/** A new topic with one shard. */
export async function topicOfOne(log: EventLog): Promise<{ topic: string; shard: string }> {
  const topic = newName();
  await log.createTopic(topic, 1);
  const [shard] = await log.shards(topic);
  if (!shard) {
    throw new Error('a topic without a shard');
  }
  return { topic, shard: shard.id };
}

/** Appends texts and gives their positions. */
export async function append(log: EventLog, topic: string, texts: readonly string[]): Promise<string[]> {
  const results = await log.append(
    topic,
    texts.map((text) => ({ value: Buffer.from(text) })),
  );
  return results.map((result) => {
    if ('error' in result) {
      throw result.error;
    }
    return result.position;
  });
}

/** Reads until so many records have come; fails on one more, or when none come for long. */
export async function readAll(
  log: EventLog,
  topic: string,
  shard: string,
  count: number,
  from?: string,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let position = from ?? (await log.earliest(topic, shard));
  for (let empty = 0; records.length < count && empty < 8; ) {
    const read = await log.read(topic, shard, position, limits);
    records.push(...read.records);
    position = read.next;
    empty = read.records.length === 0 ? empty + 1 : 0;
  }
  expect(records).toHaveLength(count);
  return records;
}

/** The LogError that an action ends in. */
export async function failure(act: () => Promise<unknown>): Promise<LogError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof LogError) {
      return error;
    }
    throw error;
  }
  throw new Error('That should have failed.');
}
