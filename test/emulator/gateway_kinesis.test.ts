import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamRecord, Streams } from '../../emulator/gateway/streams.ts';
import { StreamsError } from '../../emulator/gateway/streams.ts';
import { StreamsInLog } from '../../emulator/gateway/streams_in_log.ts';
import { createTopics, type Gateway, startGateway } from '../../emulator/gateway.ts';
import { kinesisActions } from '../../pipeline/api/kinesis_paths.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { renderTemplate } from '../api/api_gateway.ts';
import { suiteFolder } from '../support/folder.ts';

const folder = suiteFolder('gateway');
let log: EmbeddedLog;
let gateway: Gateway;

beforeAll(async () => {
  log = await EmbeddedLog.open(folder);
  await createTopics(log, ['pin', 'streaming-pin', 'streaming-geo']);
  gateway = await startGateway({ log, maximumBodyBytes: 100_000 });
});
afterAll(async () => {
  await gateway.close();
  await log.close();
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? '' : JSON.parse(text);
  return { status: response.status, answer };
}

async function iteratorOf(shard: string, more = ''): Promise<string> {
  const { answer } = await ask('GET', `/streams/streaming-geo/sharditerator?shard-id=${shard}${more}`);
  expect(answer).toEqual({ ShardIterator: expect.any(String) });
  return Object(answer).ShardIterator;
}

async function read(iterator: string, query = ''): Promise<{ answer: unknown; status: number }> {
  return ask('GET', `/streams/streaming-geo/records${query}`, undefined, { 'Shard-Iterator': iterator });
}

describe('streams of a log that is not Kinesis', () => {
  it('are listed, topics are not', async () => {
    expect(await ask('GET', '/streams')).toEqual({
      status: 200,
      answer: { StreamNames: ['streaming-geo', 'streaming-pin'], HasMoreStreams: false },
    });
    expect((await ask('GET', '/topics')).answer).toEqual(['pin']);
  });

  it('are described with shards whose hash keys cover all', async () => {
    const { answer } = await ask('GET', '/streams/streaming-pin');
    const { Shards, ...rest } = Object(answer).StreamDescription;
    expect(rest).toMatchObject({ StreamName: 'streaming-pin', StreamStatus: 'ACTIVE', HasMoreShards: false });
    const bounds = Shards.map(
      ({ HashKeyRange }: { HashKeyRange: { StartingHashKey: string; EndingHashKey: string } }) => [
        BigInt(HashKeyRange.StartingHashKey),
        BigInt(HashKeyRange.EndingHashKey),
      ],
    );
    expect(bounds[0][0]).toBe(0n);
    expect(bounds[2][1]).toBe(2n ** 128n - 1n);
    expect(bounds[1][0]).toBe(bounds[0][1] + 1n);
  });

  it('take records, by the hash of their key, and give them back in order', async () => {
    const one = await ask('PUT', '/streams/streaming-geo/record', {
      StreamName: 'streaming-geo',
      Data: { ind: 1, country: 'Åland', latitude: null },
      PartitionKey: 'a',
    });
    expect(one).toEqual({ status: 200, answer: { ShardId: expect.any(String), SequenceNumber: '0' } });
    const { ShardId } = Object(one.answer);
    const many = await ask('PUT', '/streams/streaming-geo/records', {
      records: [2, 3].map((ind) => ({ data: { ind }, 'partition-key': 'a' })),
    });
    expect(many.answer).toEqual({
      FailedRecordCount: 0,
      Records: ['1', '2'].map((SequenceNumber) => ({ ShardId, SequenceNumber })),
    });

    const all = await read(await iteratorOf(ShardId));
    expect(all.answer).toMatchObject({ MillisBehindLatest: 0, NextShardIterator: expect.any(String) });
    const events = ({ answer }: { answer: unknown }) =>
      Object(answer).Records.map(({ Data, PartitionKey }: { Data: string; PartitionKey: string }) => {
        expect(PartitionKey).toBe('a');
        return JSON.parse(Buffer.from(Data, 'base64').toString());
      });
    expect(events(all)).toEqual([{ ind: 1, country: 'Åland', latitude: null }, { ind: 2 }, { ind: 3 }]);

    // A page of one, and on from there.
    const page = await read(await iteratorOf(ShardId), '?limit=1');
    expect(events(page)).toEqual([{ ind: 1, country: 'Åland', latitude: null }]);
    expect(events(await read(Object(page.answer).NextShardIterator))).toEqual([{ ind: 2 }, { ind: 3 }]);

    const at = (type: string) => `&shard-iterator-type=${type}&starting-sequence-number=1`;
    expect(events(await read(await iteratorOf(ShardId, at('AT_SEQUENCE_NUMBER'))))).toHaveLength(2);
    expect(events(await read(await iteratorOf(ShardId, at('AFTER_SEQUENCE_NUMBER'))))).toHaveLength(1);
    expect(events(await read(await iteratorOf(ShardId, '&shard-iterator-type=LATEST')))).toEqual([]);
  });

  it('are created once', async () => {
    expect(await ask('POST', '/streams/streaming-new', { ShardCount: 2 })).toEqual({
      status: 200,
      answer: '',
    });
    expect(await log.shards('streaming-new')).toHaveLength(2);
    expect(await ask('POST', '/streams/streaming-new', { ShardCount: 2 })).toMatchObject({
      status: 400,
      answer: { __type: 'ResourceInUseException' },
    });
  });

  it('are deleted with their records, and created again', async () => {
    const put = () => ask('PUT', '/streams/streaming-old/record', { Data: { ind: 1 }, PartitionKey: 'a' });
    await ask('POST', '/streams/streaming-old', {});
    expect(await put()).toMatchObject({ answer: { SequenceNumber: '0' } });
    expect(await put()).toMatchObject({ answer: { SequenceNumber: '1' } });
    expect(await ask('DELETE', '/streams/streaming-old')).toEqual({ status: 200, answer: '' });
    expect((await ask('GET', '/streams')).answer).not.toMatchObject({
      StreamNames: expect.arrayContaining(['streaming-old']),
    });
    expect(await put()).toMatchObject({ status: 400, answer: { __type: 'ResourceNotFoundException' } });
    await ask('POST', '/streams/streaming-old', {});
    expect(await put()).toMatchObject({ answer: { SequenceNumber: '0' } });
  });

  it.each<[string, string, string, unknown, number, object]>([
    [
      'a wrong field',
      'PUT',
      '/streams/streaming-geo/record',
      { Data: { ind: 'x' }, PartitionKey: 'a' },
      400,
      { message: 'Invalid request body', detail: 'Data.ind must be integer' },
    ],
    [
      'an event of another dataset',
      'PUT',
      '/streams/streaming-geo/record',
      { Data: { index: 1 }, PartitionKey: 'a' },
      400,
      { message: 'Invalid request body' },
    ],
    [
      'no key',
      'PUT',
      '/streams/streaming-geo/record',
      { Data: { ind: 1 } },
      400,
      { message: 'Invalid request body' },
    ],
    [
      'an empty partition key',
      'PUT',
      '/streams/streaming-geo/record',
      { Data: { ind: 1 }, PartitionKey: '' },
      400,
      { __type: 'ValidationException', message: expect.stringContaining('1 to 256 characters') },
    ],
    [
      'a partition key of 257 characters',
      'PUT',
      '/streams/streaming-geo/records',
      { records: [{ data: { ind: 1 }, 'partition-key': 'é'.repeat(257) }] },
      400,
      { __type: 'ValidationException', message: expect.stringContaining('257') },
    ],
    [
      'malformed JSON',
      'PUT',
      '/streams/streaming-geo/record',
      '{"Data":',
      400,
      { message: 'Invalid request body' },
    ],
    [
      'a body too large',
      'PUT',
      '/streams/streaming-geo/record',
      ' '.repeat(200_000),
      413,
      { message: 'Request Too Long' },
    ],
    [
      'no such stream',
      'GET',
      '/streams/streaming-none',
      undefined,
      400,
      { __type: 'ResourceNotFoundException' },
    ],
    [
      'no such shard',
      'GET',
      '/streams/streaming-geo/sharditerator?shard-id=shardId-9',
      undefined,
      400,
      { __type: 'ResourceNotFoundException' },
    ],
    [
      'a missing parameter',
      'GET',
      '/streams/streaming-geo/sharditerator',
      undefined,
      400,
      { message: 'Missing required request parameters: [shard-id]' },
    ],
    [
      'too many records',
      'PUT',
      '/streams/streaming-geo/records',
      { records: Array(501).fill({ data: { ind: 1 }, 'partition-key': 'a' }) },
      400,
      { __type: 'ValidationException' },
    ],
    [
      'deleting a stream of the pipeline',
      'DELETE',
      '/streams/streaming-geo',
      undefined,
      400,
      { __type: 'AccessDeniedException' },
    ],
    ['using a topic as a stream', 'GET', '/streams/pin', undefined, 400, { __type: 'AccessDeniedException' }],
    [
      'creating a stream of another prefix',
      'POST',
      '/streams/orders',
      {},
      400,
      { __type: 'AccessDeniedException' },
    ],
    ['a name that is none', 'POST', '/streams/streaming-%20', {}, 400, { __type: 'ValidationException' }],
    [
      'deleting what is not there',
      'DELETE',
      '/streams/streaming-none',
      undefined,
      400,
      { __type: 'ResourceNotFoundException' },
    ],
    ['another path', 'GET', '/nothing', undefined, 403, { message: 'Missing Authentication Token' }],
  ])('%s is answered as API Gateway or Kinesis would', async (_, method, path, body, status, answer) => {
    expect(await ask(method, path, body)).toMatchObject({ status, answer });
  });

  it('another content type is refused', async () => {
    const answer = await ask('PUT', '/streams/streaming-geo/record', '{}', { 'content-type': 'text/plain' });
    expect(answer).toEqual({ status: 415, answer: { message: 'Unsupported Media Type' } });
  });

  it.each(['nonsense', ''])('"%s" is not an iterator', async (iterator) => {
    expect(await read(iterator)).toMatchObject({
      status: 400,
      answer: { __type: 'InvalidArgumentException' },
    });
  });

  it('an iterator ends after five minutes', async () => {
    let now = 1_000_000;
    const streams = new StreamsInLog(log, { isStream: () => true, now: () => now });
    const place = {
      shardId: 'shardId-000000000000',
      type: 'TRIM_HORIZON',
      startingSequenceNumber: undefined,
    };
    const { ShardIterator } = await streams.getShardIterator('streaming-geo', place);
    now += 5 * 60_000;
    await expect(streams.getRecords('streaming-geo', ShardIterator)).resolves.toBeDefined();
    now += 1;
    await expect(streams.getRecords('streaming-geo', ShardIterator)).rejects.toMatchObject({
      type: 'ExpiredIteratorException',
    });
  });
});

describe('what the gateway puts', () => {
  const put: { stream: string; records: readonly StreamRecord[] }[] = [];
  const unused = async (): Promise<never> => {
    throw new StreamsError('ProvisionedThroughputExceededException', 'slower');
  };
  const streams: Streams = {
    listStreams: unused,
    createStream: unused,
    describeStream: unused,
    deleteStream: unused,
    putRecord: async (stream, record) => {
      put.push({ stream, records: [record] });
      return {};
    },
    putRecords: async (stream, records) => {
      put.push({ stream, records });
      return {};
    },
    getShardIterator: unused,
    getRecords: unused,
    close: async () => {},
  };
  const events = [
    { ind: 1, country: 'Cote d\'Ivoire "quoted" \\ ✨ 日本', latitude: -89.9787 },
    { ind: 2, unknown: { deep: [1, 'x', null, true] } },
    { ind: -3, latitude: 1e21 },
  ];

  it('is what API Gateway puts by its templates', async () => {
    const own = await startGateway({ log, streams });
    const actions = kinesisActions('streaming-');
    const parameters = { 'stream-name': 'streaming-geo' };
    const send = (path: string, body: object) =>
      fetch(`${own.url}/streams/streaming-geo/${path}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const asked = () => {
      const { stream, records } = put.at(-1) ?? { stream: '', records: [] };
      return {
        stream,
        records: records.map(({ data, partitionKey }) => [
          Buffer.from(data).toString('base64'),
          partitionKey,
        ]),
      };
    };
    for (const event of events) {
      const body = { Data: event, PartitionKey: 'a "key"' };
      await send('record', body);
      const rendered = JSON.parse(renderTemplate(actions.putRecord.request, { body, parameters }).text);
      expect(asked()).toEqual({
        stream: rendered.StreamName,
        records: [[rendered.Data, rendered.PartitionKey]],
      });
    }
    const body = { records: events.map((data, place) => ({ data, 'partition-key': String(place) })) };
    await send('records', body);
    const rendered = JSON.parse(renderTemplate(actions.putRecords.request, { body, parameters }).text);
    expect(asked().records).toEqual(
      rendered.Records.map(({ Data, PartitionKey }: { Data: string; PartitionKey: string }) => [
        Data,
        PartitionKey,
      ]),
    );
    expect((await fetch(`${own.url}/streams`)).status).toBe(429);
    await own.close();
  });
});
