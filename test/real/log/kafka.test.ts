import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSink } from '../../../pipeline/landing/sink.ts';
import { KafkaLog } from '../../../pipeline/log/kafka.ts';
import { LogError } from '../../../pipeline/log/log.ts';
import { append, describeContract, failure, newName, readAll, topicOfOne } from '../../log/contract.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { describeReal, kafka } from '../systems.ts';

describeReal('Kafka as the log', [kafka], () => {
  let broker: Awaited<ReturnType<typeof kafka.start>>;
  let log: KafkaLog;
  const open = () => KafkaLog.open({ brokers: [broker.bootstrap], security: 'plain' });

  beforeAll(async () => {
    broker = await kafka.start();
    log = await open();
  });

  afterAll(async () => {
    await log?.close();
    await broker?.stop();
  });

  describeContract('the contract', { log: () => log, reopen: open, tooLarge: 1_048_589 });

  describe('its own', () => {
    const limits = { maximumBytes: 1_000_000, waitMilliseconds: 1000 };

    it('more records at once than a broker takes in a batch are taken', async () => {
      const { topic, shard } = await topicOfOne(log);
      const values = Array.from({ length: 30 }, (_, index) => String(index).padEnd(300_000, ' '));
      expect(await append(log, topic, values)).toEqual(values.map((_, index) => String(index)));
      const read = await readAll(log, topic, shard, values.length);
      expect(read.map(({ value }) => Number(Buffer.from(value).toString()))).toEqual([...values.keys()]);
    });

    it('says that records are gone, before reading begins', async () => {
      const { topic, shard } = await topicOfOne(log);
      await append(log, topic, ['0', '1', '2', '3']);
      await deleteBefore(topic, '4');
      expect(await log.earliest(topic, shard)).toBe('4');
      expect((await failure(() => log.read(topic, shard, '2', limits))).code).toBe('expired');
      expect((await failure(() => log.read(topic, shard, '9', limits))).message).toContain(
        'holds 4 up to before 4',
      );
    });

    it('says so, too, when they go while the reader is not done with those before', async () => {
      const { topic, shard } = await topicOfOne(log);
      // More than a session reads ahead.
      const values = Array.from({ length: 40 }, (_, index) => String(index).padEnd(600_000, ' '));
      await append(log, topic, values);
      const reader = await open();
      const first = await reader.read(topic, shard, '0', {
        ...limits,
        maximumBytes: 1,
        waitMilliseconds: 10_000,
      });
      expect(first.next).toBe('1');
      await deleteBefore(topic, '40');
      await append(log, topic, ['kept']);
      const positions: string[] = [];
      const error = await failure(async () => {
        for (let from = first.next; !positions.includes('40'); ) {
          const read = await reader.read(topic, shard, from, { ...limits, waitMilliseconds: 10_000 });
          positions.push(...read.records.map(({ position }) => position));
          from = read.next;
        }
      });
      expect(error.code).toBe('expired');
      expect(positions).toEqual(positions.map((_, index) => String(index + 1)));
      expect(positions.length).toBeLessThan(39);
      await reader.close();
    });

    it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads what was compressed with %s', async (compression) => {
      const topic = newName();
      await withAdmin((admin) =>
        admin.createTopics({
          topics: [{ topic, configEntries: [{ name: 'compression.type', value: compression }] }],
        }),
      );
      // Some that repeat, some that do not, and more than a block of each format holds.
      const values = [
        ...Array.from({ length: 300 }, (_, index) => JSON.stringify({ index, title: `Pin ${index % 7} 📌` })),
        'a'.repeat(300_000),
        randomBytes(150_000).toString('base64'),
      ];
      await append(log, topic, values);
      const read = await readAll(log, topic, '0', values.length);
      expect(read.map(({ value }) => Buffer.from(value).toString())).toEqual(values);
    });

    it('leaves no consumer group', async () => {
      const { topic, shard } = await topicOfOne(log);
      await append(log, topic, ['0']);
      const reader = await open();
      await readAll(reader, topic, shard, 1);
      const groups = async () =>
        (await withAdmin((admin) => admin.listGroups())).groups.map(({ groupId }) => groupId);
      expect(await groups()).not.toEqual([]);
      await reader.close();
      await log.close();
      expect(await groups()).toEqual([]);
      log = await open();
    });

    it('answers about its other topics when one was deleted by somebody else', async () => {
      const [mine, other] = [await topicOfOne(log), await topicOfOne(log)];
      await append(log, mine.topic, ['kept']);
      expect(await log.latest(other.topic, other.shard)).toBe('0');
      await withAdmin((admin) => admin.deleteTopics({ topics: [other.topic] }));
      expect((await failure(() => log.latest(other.topic, other.shard))).code).toBe('unknown_topic');
      // kafkajs looks after all its topics again when it meets a new one.
      const third = await topicOfOne(log);
      expect(await log.latest(third.topic, third.shard)).toBe('0');
      await readAll(log, mine.topic, mine.shard, 1);
    });

    it('names the brokers that do not answer', async () => {
      const error = await failure(() => KafkaLog.open({ brokers: ['127.0.0.1:1'], security: 'plain' }));
      expect(error.code).toBe('unavailable');
      expect(error.message).toContain('127.0.0.1:1');
    });

    it('a broker that is killed and started again loses nothing, and what the log holds is landed once', async () => {
      const topic = newName();
      const landing = temporaryFolder('kafka-sink');
      await log.createTopic(topic, 2);
      const notices: string[] = [];
      const sink = runSink({
        log,
        topics: [topic],
        landing,
        flushSize: 50,
        onNotice: (notice) => notices.push(notice),
      });
      const acknowledged: string[] = [];
      const send = async (from: number, to: number): Promise<void> => {
        for (let index = from; index < to; index++) {
          const value = `{"n":${index}}`;
          // As a sender does: again and again until it is taken.
          while (!(await taken(topic, value))) {
            expect(acknowledged.length).toBeLessThan(to);
          }
          acknowledged.push(value);
        }
      };
      await send(0, 200);
      const sending = send(200, 400);
      await broker.kill();
      await broker.startAgain();
      await sending;
      await send(400, 500);
      await sink.drain();
      await sink.stop();

      const landed = linesBelow(landing);
      const held: string[] = [];
      for (const { id } of await log.shards(topic)) {
        const count = Number(await log.latest(topic, id));
        held.push(
          ...(await readAll(log, topic, id, count)).map(({ value }) => Buffer.from(value).toString()),
        );
      }
      expect(landed.sort()).toEqual(held.sort());
      expect(acknowledged.filter((value) => !landed.includes(value))).toEqual([]);
    });
  });

  async function taken(topic: string, value: string): Promise<boolean> {
    try {
      await append(log, topic, [value]);
      return true;
    } catch (error) {
      if (error instanceof LogError && error.code === 'unavailable') {
        return false;
      }
      throw error;
    }
  }

  function linesBelow(landing: string): string[] {
    const names = readdirSync(join(landing, 'topics'), { recursive: true, encoding: 'utf8' });
    const json = names.filter((name) => name.endsWith('.json'));
    return json.flatMap((name) =>
      readFileSync(join(landing, 'topics', name), 'utf8')
        .slice(0, -1)
        .split('\n'),
    );
  }

  function deleteBefore(topic: string, offset: string): Promise<void> {
    return withAdmin(async (admin) => {
      // kafkajs deletes records only of topics that this client has asked about.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
    });
  }

  async function withAdmin<T>(act: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await act(admin);
    } finally {
      await admin.disconnect();
    }
  }
});
