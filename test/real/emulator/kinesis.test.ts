import {
  CreateStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ScalingType,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startEmulation } from '../../../emulator/emulate.ts';
import { StreamsOnAws } from '../../../emulator/gateway/streams_on_aws.ts';
import { type Gateway, startGateway } from '../../../emulator/gateway.ts';
import { generatePost } from '../../../emulator/generator.ts';
import { knownFields } from '../../../emulator/senders/api.ts';
import { apiSendToKinesis } from '../../../emulator/senders/kinesis.ts';
import { syntheticSource } from '../../../emulator/sources/synthetic.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { openLog } from '../../../pipeline/log/open.ts';
import { describeReal, kinesis } from '../systems.ts';

type Server = Awaited<ReturnType<typeof kinesis.start>>;
type Log = Awaited<ReturnType<typeof openLog>>;

const posts = 100;

describeReal('the gateway in front of the Kinesis API', [kinesis], () => {
  let server: Server;
  let client: KinesisClient;
  let log: Log;
  let gateway: Gateway;
  beforeAll(async () => {
    server = await kinesis.start();
    client = server.client();
    vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey);
    const { region, endpoint } = server;
    log = await openLog(`kinesis://${region}`, { endpoint });
    gateway = await startGateway({
      log,
      streams: new StreamsOnAws({ region, endpoint, prefix: 'streaming-' }),
    });
  });
  afterAll(async () => {
    await gateway?.close();
    await log?.close();
    client?.destroy();
    await server?.stop();
    vi.unstubAllEnvs();
  });

  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, answer: text === '' ? {} : Object(JSON.parse(text)) };
  }

  const active = (stream: string) =>
    vi.waitFor(
      async () => {
        const { answer } = await ask('GET', `/streams/${stream}`);
        expect(answer.StreamDescription?.StreamStatus).toBe('ACTIVE');
      },
      { timeout: 20_000 },
    );

  /** All records of a stream, read through the gateway. */
  async function readAll(stream: string): Promise<Record<string, unknown>[]> {
    const { answer } = await ask('GET', `/streams/${stream}`);
    const events: Record<string, unknown>[] = [];
    for (const { ShardId } of answer.StreamDescription.Shards) {
      const { answer: first } = await ask('GET', `/streams/${stream}/sharditerator?shard-id=${ShardId}`);
      let iterator: string | undefined = first.ShardIterator;
      let isEmpty = false;
      while (iterator !== undefined && !isEmpty) {
        const page = await ask('GET', `/streams/${stream}/records?limit=40`, undefined, {
          'Shard-Iterator': iterator,
        });
        expect(page.status).toBe(200);
        for (const { Data } of page.answer.Records) {
          events.push(JSON.parse(Buffer.from(Data, 'base64').toString()));
        }
        isEmpty = page.answer.Records.length === 0;
        iterator = page.answer.NextShardIterator;
      }
    }
    return events;
  }

  it('creates, lists and describes streams', async () => {
    await client.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
    for (const name of ['streaming-pin', 'streaming-geo', 'streaming-user']) {
      expect(await ask('POST', `/streams/${name}`, { ShardCount: 1 })).toEqual({ status: 200, answer: {} });
      await active(name);
    }
    expect((await ask('GET', '/streams')).answer).toEqual({
      StreamNames: ['streaming-geo', 'streaming-pin', 'streaming-user'],
      HasMoreStreams: false,
    });
    const { answer } = await ask('GET', '/streams/streaming-pin');
    const direct = await client.send(new DescribeStreamCommand({ StreamName: 'streaming-pin' }));
    expect(answer.StreamDescription).toMatchObject({
      StreamARN: direct.StreamDescription?.StreamARN,
      StreamCreationTimestamp: Number(direct.StreamDescription?.StreamCreationTimestamp) / 1000,
      Shards: direct.StreamDescription?.Shards,
    });
    expect(await ask('POST', '/streams/streaming-pin', {})).toMatchObject({
      status: 400,
      answer: { __type: 'ResourceInUseException' },
    });
  });

  it('takes the posts of the emulator, one by one and together', async () => {
    for (const [from, batch] of [
      [0, 1],
      [posts / 2, 25],
    ] as const) {
      const summary = await startEmulation({
        url: gateway.url,
        apis: [apiSendToKinesis()],
        datasets,
        source: syntheticSource(datasets, 1, from),
        count: posts / 2,
        batch,
        maximumInFlight: 25,
      }).done;
      expect(summary.posts).toMatchObject({ sent: posts / 2, unsent: 0 });
    }
    for (const { name, key } of datasets) {
      const events = await readAll(`streaming-${name}`);
      expect(events.sort((a, b) => Number(a[key]) - Number(b[key]))).toEqual(
        Array.from({ length: posts }, (_, index) => knownFields(generatePost(index, 1)[name] ?? {})),
      );
    }
  });

  it('puts what the AWS SDK itself reads', async () => {
    await ask('POST', '/streams/streaming-sdk', {});
    await active('streaming-sdk');
    const title = 'naïve "✨" \\ 日本';
    const { answer } = await ask('PUT', '/streams/streaming-sdk/record', {
      Data: { index: 1, title },
      PartitionKey: 'k"é',
    });
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName: 'streaming-sdk',
        ShardId: answer.ShardId,
        ShardIteratorType: 'AT_SEQUENCE_NUMBER',
        StartingSequenceNumber: answer.SequenceNumber,
      }),
    );
    const { Records } = await client.send(new GetRecordsCommand({ ShardIterator }));
    expect(Records).toHaveLength(1);
    expect(Records?.[0]?.PartitionKey).toBe('k"é');
    expect(JSON.parse(Buffer.from(Records?.[0]?.Data ?? '').toString())).toEqual({ index: 1, title });
  });

  it('shows a reshard, and reads what was put before and after it', async () => {
    await client.send(
      new UpdateShardCountCommand({
        StreamName: 'streaming-pin',
        TargetShardCount: 2,
        ScalingType: ScalingType.UNIFORM_SCALING,
      }),
    );
    await active('streaming-pin');
    const { answer } = await ask('GET', '/streams/streaming-pin');
    const children = answer.StreamDescription.Shards.filter((shard: object) => 'ParentShardId' in shard);
    expect(children).toHaveLength(2);
    const records = Array.from({ length: 20 }, (_, place) => ({
      data: { index: posts + place },
      'partition-key': String(place),
    }));
    const put = await ask('PUT', '/streams/streaming-pin/records', { records });
    expect(put.answer.FailedRecordCount).toBe(0);
    const indices = (await readAll('streaming-pin')).map(({ index }) => Number(index));
    expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: posts + 20 }, (_, index) => index));
  });

  it('passes the errors of Kinesis on', async () => {
    expect(await ask('GET', '/streams/streaming-none')).toMatchObject({
      status: 400,
      answer: { __type: 'ResourceNotFoundException', message: expect.any(String) },
    });
    const unknownShard = await ask(
      'GET',
      '/streams/streaming-pin/sharditerator?shard-id=shardId-000000000077',
    );
    expect(unknownShard).toMatchObject({ status: 400, answer: { __type: 'ResourceNotFoundException' } });
    expect(await ask('POST', '/topics/pin', { records: [] })).toMatchObject({ status: 415 });
  });

  it('deletes a stream, but none of the pipeline, and none that is not of the API', async () => {
    for (const name of ['streaming-pin', 'orders']) {
      expect(await ask('DELETE', `/streams/${name}`)).toMatchObject({
        status: 400,
        answer: { __type: 'AccessDeniedException' },
      });
      await client.send(new DescribeStreamCommand({ StreamName: name }));
    }
    expect((await ask('DELETE', '/streams/streaming-sdk')).status).toBe(200);
    await vi.waitFor(async () => expect((await ask('GET', '/streams/streaming-sdk')).status).toBe(400), {
      timeout: 20_000,
    });
  });

  it('says that Kinesis is away, in a way that makes senders try again', async () => {
    await server.kill();
    const { status } = await ask('PUT', '/streams/streaming-pin/record', {
      Data: { index: 1 },
      PartitionKey: '1',
    });
    expect(status).toBe(500);
  });
});
