/** The stream way from real Kafka and from the Kinesis API: the same result as the batch path over the same events. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStreamSummaryCommand, MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { KafkaLog } from '../../../pipeline/log/kafka.ts';
import { KinesisLog } from '../../../pipeline/log/kinesis.ts';
import type { EventLog } from '../../../pipeline/log/log.ts';
import { namesOf } from '../../../pipeline/naming.ts';
import { type RunningStream, startStream } from '../../../pipeline/stream/run.ts';
import { queries } from '../../../queries/index.ts';
import { batchOf, committedIn, createStreams, type Events, eventsOf, send } from '../../stream/streams.ts';
import { testFolder } from '../../support/folder.ts';
import { describeReal, kafka, kinesis } from '../systems.ts';

const folder = testFolder('stream-sources');

const start = (log: EventLog, streams?: Record<string, string>): RunningStream =>
  startStream({
    log,
    datasets,
    queries,
    lake: join(folder, 'lake'),
    checkpoints: join(folder, 'checkpoints'),
    ...(streams === undefined ? {} : { streams }),
  });

async function expectTheBatch(stream: RunningStream, parts: readonly Events[]): Promise<void> {
  const expected = await batchOf(mkdtempSync(join(folder, 'landing-')), parts);
  expect(await committedIn(join(folder, 'lake'))).toEqual(expected);
  for (const query of queries) {
    expect(rowsOf(stream.answer(query))).toEqual(expected.answers[query.name]);
  }
}

describeReal('Kafka as the source of the stream path', [kafka], () => {
  it('a stream over topics of several partitions stores each row once, with a restart between', async () => {
    const broker = await kafka.start();
    const log = await KafkaLog.open({ brokers: [broker.bootstrap], security: 'plain' });
    try {
      const topicOf = (name: string) => `user.${name}`;
      const streams = Object.fromEntries(
        datasets.map((dataset) => [dataset.name, namesOf(dataset, 'user').topic]),
      );
      for (const { name } of datasets) {
        await log.createTopic(topicOf(name), 3);
      }
      const parts = [eventsOf(0, 300), eventsOf(200, 300)];
      await send(log, parts[0] ?? {}, topicOf);
      const first = start(log, streams);
      await first.drain();
      await first.stop();
      const second = start(log, streams);
      await send(log, parts[1] ?? {}, topicOf);
      await second.drain();
      await expectTheBatch(second, parts);
      await second.stop();
    } finally {
      await log.close();
      await broker.stop();
    }
  });
});

describeReal('the Kinesis API as the source of the stream path', [kinesis], () => {
  it('a stream over shards that are split and merged stores each row once, with a restart between', async () => {
    const server = await kinesis.start({ SHARD_LIMIT: '200' });
    const log = await KinesisLog.open(server);
    const client = server.client();
    const stream = namesOf(datasets[0] ?? expect.fail('there is no dataset')).stream;
    const active = async (): Promise<void> => {
      for (let status: string | undefined; status !== 'ACTIVE'; ) {
        const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
        status = summary.StreamDescriptionSummary?.StreamStatus;
      }
    };
    try {
      await createStreams(log, 1);
      const parts = [eventsOf(0, 40), eventsOf(30, 40), eventsOf(60, 40), eventsOf(90, 20)];
      const first = start(log);
      await send(log, parts[0] ?? {});
      const [whole] = await log.shards(stream);
      await client.send(
        new SplitShardCommand({
          StreamName: stream,
          ShardToSplit: whole?.id,
          NewStartingHashKey: String(2n ** 127n),
        }),
      );
      await active();
      await send(log, parts[1] ?? {});
      await first.drain();
      await first.stop();
      const [, left, right] = await log.shards(stream);
      await send(log, parts[2] ?? {});
      await client.send(
        new MergeShardsCommand({
          StreamName: stream,
          ShardToMerge: left?.id,
          AdjacentShardToMerge: right?.id,
        }),
      );
      await active();
      await send(log, parts[3] ?? {});
      const second = start(log);
      await second.drain();
      await expectTheBatch(second, parts);
      expect(second.status().lag.filter((lag) => lag.stream === stream)).toHaveLength(1);
      await second.stop();
    } finally {
      client.destroy();
      await log.close();
      await server.stop();
    }
  });
});
