import { MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KinesisLog } from '../../../pipeline/log/kinesis.ts';
import { append, describeContract, failure, newName, topicOfOne } from '../../log/contract.ts';
import { describeReal, kinesis } from '../systems.ts';

describeReal('Kinesis as the log', [kinesis], () => {
  let server: Awaited<ReturnType<typeof kinesis.start>>;
  let log: KinesisLog;
  const open = () =>
    KinesisLog.open({ region: server.region, endpoint: server.endpoint, credentials: server.credentials });

  beforeAll(async () => {
    server = await kinesis.start({ SHARD_LIMIT: '200' });
    log = await open();
  });

  afterAll(async () => {
    await log?.close();
    await server?.stop();
  });

  describeContract('the contract', {
    log: () => log,
    reopen: open,
    tooLarge: 1_048_577,
    keepsNoTraces: true,
  });

  describe('its own', () => {
    const limits = { maximumBytes: 1_000_000, waitMilliseconds: 500 };

    it('after a split and a merge, parents are read to their end before their children', async () => {
      const { topic, shard } = await topicOfOne(log);
      const client = server.client();
      await append(log, topic, ['before 1', 'before 2']);
      const half = String(2n ** 127n);
      await client.send(
        new SplitShardCommand({ StreamName: topic, ShardToSplit: shard, NewStartingHashKey: half }),
      );
      await active(topic);
      await append(log, topic, ['between 1', 'between 2', 'between 3']);
      const [, left, right] = await log.shards(topic);
      expect(left?.parents).toEqual([shard]);
      expect(right?.parents).toEqual([shard]);
      await client.send(
        new MergeShardsCommand({
          StreamName: topic,
          ShardToMerge: left?.id,
          AdjacentShardToMerge: right?.id,
        }),
      );
      await active(topic);
      await append(log, topic, ['after']);
      client.destroy();

      const shards = await log.shards(topic);
      expect([...(shards.at(-1)?.parents ?? [])].sort()).toEqual([left?.id, right?.id].sort());
      const order: string[] = [];
      const done = new Set<string>();
      for (const { id, parents } of shards) {
        expect(parents.every((parent) => done.has(parent))).toBe(true);
        const isLast = id === shards.at(-1)?.id;
        let from = await log.earliest(topic, id);
        for (let closed = false; !closed && !(isLast && order.includes('after')); ) {
          const read = await log.read(topic, id, from, limits);
          order.push(...read.records.map(({ value }) => Buffer.from(value).toString()));
          from = read.next;
          closed = read.closed;
        }
        done.add(id);
        // A shard that was read to its end is at its end on the next read, too.
        if (!isLast) {
          const again = await open();
          expect(await again.read(topic, id, from, limits)).toMatchObject({ records: [], closed: true });
          await again.close();
        }
      }
      expect(order.map((value) => value.split(' ')[0])).toEqual([
        ...['before', 'before', 'between', 'between', 'between', 'after'],
      ]);
    });

    it('splits more records than a request takes', async () => {
      const { topic } = await topicOfOne(log);
      const values = Array.from({ length: 620 }, (_, index) => String(index));
      const positions = await append(log, topic, values);
      expect(new Set(positions).size).toBe(values.length);
    });

    it('says where it did not get an answer, and what to look at', async () => {
      const endpoint = 'http://127.0.0.1:1';
      const away = await KinesisLog.open({ region: 'eu-west-1', endpoint, credentials: server.credentials });
      const error = await failure(() => away.topics());
      expect(error.code).toBe('unavailable');
      expect(error.message).toContain(endpoint);
      expect(error.message).toContain('Is the endpoint right');
      await away.close();
    });

    it('a key that Kinesis does not take is refused, beside others that are taken', async () => {
      const topic = newName();
      await log.createTopic(topic, 1);
      const value = Buffer.from('x');
      const results = await log.append(topic, [
        { value, key: '' },
        { value, key: 'ok' },
        { value, key: 'k'.repeat(257) },
      ]);
      expect(results.map((result) => ('error' in result ? result.error.code : 'taken'))).toEqual([
        'refused',
        'taken',
        'refused',
      ]);
    });
  });

  async function active(topic: string): Promise<void> {
    const { DescribeStreamSummaryCommand } = await import('@aws-sdk/client-kinesis');
    const client = server.client();
    const status = async () => {
      const { StreamDescriptionSummary } = await client.send(
        new DescribeStreamSummaryCommand({ StreamName: topic }),
      );
      return StreamDescriptionSummary?.StreamStatus;
    };
    await expect.poll(status, { timeout: 20_000 }).toBe('ACTIVE');
    client.destroy();
  }
});
