/**
 * Tests the adapter on answers that kinesis-local never gives: an HTTP server sends them to the real AWS SDK.
 * Shapes: https://docs.aws.amazon.com/kinesis/latest/APIReference/
 */

import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { requestsOf } from '../../pipeline/log/kinesis/outgoing_record.ts';
import { putPolicy } from '../../pipeline/log/kinesis/put.ts';
import { KinesisLog } from '../../pipeline/log/kinesis.ts';
import { pauseAfter } from '../../pipeline/retry.ts';
import { type Endpoint, startEndpoint } from '../emulator/endpoint.ts';
import { failure } from './contract.ts';

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const request = z.looseObject({
  Records: z.array(z.object({ Data: z.string() })).optional(),
  ShardIteratorType: z.string().optional(),
  StartingSequenceNumber: z.string().optional(),
  ShardIterator: z.string().optional(),
});
type Request = z.infer<typeof request>;

let api: Endpoint | undefined;
let log: KinesisLog | undefined;

afterEach(async () => {
  await log?.close();
  await api?.close();
});

/** A log whose API answers as it is told, and the pauses that it made. */
async function kinesisThat(
  answer: (operation: string, body: Request) => Answer,
): Promise<{ log: KinesisLog; pauses: number[]; calls: [string, Request][] }> {
  const calls: [string, Request][] = [];
  api = await startEndpoint(({ headers, body: received }, response) => {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    const body = request.parse(JSON.parse(received));
    calls.push([operation, body]);
    const { status = 200, body: answered } = answer(operation, body);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answered));
  });
  const pauses: number[] = [];
  log = await KinesisLog.open({
    region: 'eu-west-1',
    endpoint: api.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retry: {
      attempts: 4,
      random: () => 0.5,
      pause: async (milliseconds) => {
        pauses.push(milliseconds);
      },
    },
  });
  return { log, pauses, calls };
}

const failed = (name: string, status = 400): Answer => ({
  status,
  body: { __type: name, message: `${name} it is` },
});
const shards = {
  body: { Shards: [{ ShardId: 'shardId-0', SequenceNumberRange: { StartingSequenceNumber: '0' } }] },
};
const records = (...values: string[]) => values.map((value) => ({ value: Buffer.from(value) }));
const textOf = (data: string): string => Buffer.from(data, 'base64').toString();

describe('putting records', () => {
  it('sends only the records again that were not taken, after growing pauses', async () => {
    let attempt = 0;
    const kinesis = await kinesisThat((_, body) => {
      attempt += 1;
      const sent = body.Records ?? [];
      return {
        body: {
          FailedRecordCount: sent.length - 1,
          Records: sent.map((_record, index) =>
            index === 0
              ? { ShardId: 'shardId-0', SequenceNumber: String(attempt) }
              : { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' },
          ),
        },
      };
    });
    const results = await kinesis.log.append('pins', records('a', 'b', 'c'));
    expect(results).toEqual(['1', '2', '3'].map((position) => ({ shard: 'shardId-0', position })));
    expect(kinesis.calls.map(([, body]) => body.Records?.map(({ Data }) => textOf(Data)))).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['c'],
    ]);
    expect(kinesis.pauses).toEqual([50, 100]);
  });

  it('gives up after the last attempt, and says which records were not taken and why', async () => {
    const kinesis = await kinesisThat((_, body) => ({
      body: {
        Records: (body.Records ?? []).map(({ Data }) =>
          textOf(Data) === 'a'
            ? { ShardId: 'shardId-0', SequenceNumber: '7' }
            : { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal Service Failure' },
        ),
      },
    }));
    const [taken, refused] = await kinesis.log.append('pins', records('a', 'b'));
    expect(taken).toEqual({ shard: 'shardId-0', position: '7' });
    expect(refused).toMatchObject({ error: { code: 'unavailable' } });
    expect(kinesis.calls).toHaveLength(4);
  });

  it('does not send a refused request again', async () => {
    const kinesis = await kinesisThat(() => failed('AccessDeniedException'));
    const error = await failure(() => kinesis.log.append('pins', records('a')));
    expect(error.code).toBe('refused');
    expect(error.message).toContain('kinesis:ListStreams');
    expect(kinesis.calls).toHaveLength(1);
  });

  it('names the existing streams when one does not exist', async () => {
    const kinesis = await kinesisThat((operation) =>
      operation === 'ListStreams'
        ? { body: { StreamNames: ['streaming-pin'], HasMoreStreams: false } }
        : failed('ResourceNotFoundException'),
    );
    const error = await failure(() => kinesis.log.append('pins', records('a')));
    expect(error.code).toBe('unknown_topic');
    expect(error.message).toContain('There are: streaming-pin.');
  });

  it('cuts requests at 500 records and at 5 MiB', () => {
    const sized = (count: number, bytes: number) =>
      Array.from({ length: count }, (_, index) => ({
        index,
        bytes,
        entry: { Data: undefined, PartitionKey: 'x' },
      }));
    const lengths = (count: number, bytes: number) =>
      requestsOf(sized(count, bytes)).map(({ length }) => length);
    expect(lengths(0, 1)).toEqual([]);
    expect(lengths(1001, 100)).toEqual([500, 500, 1]);
    expect(lengths(11, 1024 * 1024)).toEqual([5, 5, 1]);
  });

  it('pauses 5 s at most', () => {
    const longest = { ...putPolicy, random: () => 1 };
    expect([1, 2, 3, 6, 7, 50].map((failures) => pauseAfter(longest, failures))).toEqual([
      ...[100, 200, 400, 3200, 5000, 5000],
    ]);
  });
});

describe('reading a shard', () => {
  const limits = { maximumBytes: 1_000_000, waitMilliseconds: 0 };
  const record = (sequence: string) => ({
    SequenceNumber: sequence,
    Data: Buffer.from(`value ${sequence}`).toString('base64'),
    PartitionKey: 'key',
    ApproximateArrivalTimestamp: 1_600_000_000,
  });

  it('continues at the last record that was read, and returns those after it', async () => {
    const kinesis = await kinesisThat((operation) => {
      if (operation === 'ListShards') {
        return shards;
      }
      if (operation === 'GetShardIterator') {
        return { body: { ShardIterator: 'one' } };
      }
      return {
        body: { Records: [record('41'), record('42')], NextShardIterator: 'two', MillisBehindLatest: 0 },
      };
    });
    const read = await kinesis.log.read('pins', 'shardId-0', '41', limits);
    expect(read.records.map(({ position }) => position)).toEqual(['42']);
    expect(read).toMatchObject({ next: '42', closed: false, millisecondsBehind: 0 });
    expect(kinesis.calls[1]).toEqual([
      'GetShardIterator',
      expect.objectContaining({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '41' }),
    ]);
  });

  it('fails when that record is gone: those after it may be gone, too', async () => {
    const kinesis = await kinesisThat((operation) => {
      if (operation === 'ListShards') {
        return shards;
      }
      if (operation === 'GetShardIterator') {
        return { body: { ShardIterator: 'one' } };
      }
      return { body: { Records: [record('57')], NextShardIterator: 'two', MillisBehindLatest: 0 } };
    });
    const error = await failure(() => kinesis.log.read('pins', 'shardId-0', '41', limits));
    expect(error.code).toBe('expired');
    expect(error.message).toContain('41');
  });

  it('fails when the stream never gave such a position', async () => {
    const kinesis = await kinesisThat((operation) =>
      operation === 'ListShards' ? shards : failed('InvalidArgumentException'),
    );
    expect((await failure(() => kinesis.log.read('pins', 'shardId-0', '41', limits))).code).toBe('expired');
  });

  it('gets another iterator when one has expired, and repeats no record', async () => {
    let expired = false;
    const kinesis = await kinesisThat((operation, body) => {
      if (operation === 'ListShards') {
        return shards;
      }
      if (operation === 'GetShardIterator') {
        return { body: { ShardIterator: body.ShardIteratorType === 'TRIM_HORIZON' ? 'first' : 'again' } };
      }
      switch (body.ShardIterator) {
        case 'first':
          return { body: { Records: [record('41')], NextShardIterator: 'second', MillisBehindLatest: 5 } };
        case 'second':
          expired = true;
          return failed('ExpiredIteratorException');
        default:
          return {
            body: { Records: [record('41'), record('42')], NextShardIterator: 'x', MillisBehindLatest: 0 },
          };
      }
    });
    const first = await kinesis.log.read('pins', 'shardId-0', 'TRIM_HORIZON', limits);
    const second = await kinesis.log.read('pins', 'shardId-0', first.next, limits);
    expect(expired).toBe(true);
    expect([...first.records, ...second.records].map(({ position }) => position)).toEqual(['41', '42']);
  });

  it('follows empty answers until it is at the head', async () => {
    let answers = 0;
    const kinesis = await kinesisThat((operation) => {
      if (operation === 'ListShards') {
        return shards;
      }
      if (operation === 'GetShardIterator') {
        return { body: { ShardIterator: 'i0' } };
      }
      answers += 1;
      const found = answers === 3 ? [record('42')] : [];
      return {
        body: { Records: found, NextShardIterator: `i${answers}`, MillisBehindLatest: 1000 * (3 - answers) },
      };
    });
    const waiting = { ...limits, waitMilliseconds: 1 };
    const read = await kinesis.log.read('pins', 'shardId-0', 'TRIM_HORIZON', waiting);
    expect(read.records.map(({ position }) => position)).toEqual(['42']);
    expect(kinesis.calls.map(([, body]) => body.ShardIterator).slice(2)).toEqual(['i0', 'i1', 'i2']);
  });

  it('refuses a time that is longer ago than the stream keeps records', async () => {
    const kinesis = await kinesisThat((operation) => {
      if (operation === 'ListShards') {
        return shards;
      }
      if (operation === 'DescribeStreamSummary') {
        return { body: { StreamDescriptionSummary: { StreamName: 'pins', RetentionPeriodHours: 24 } } };
      }
      return { body: { ShardIterator: 'one', Records: [], NextShardIterator: 'two', MillisBehindLatest: 0 } };
    });
    const hours = (count: number) => `AT_TIMESTAMP:${Date.now() - count * 3_600_000}`;
    expect((await failure(() => kinesis.log.read('pins', 'shardId-0', hours(25), limits))).code).toBe(
      'expired',
    );
    expect((await kinesis.log.read('pins', 'shardId-0', hours(23), limits)).records).toEqual([]);
  });

  it('goes through all pages of shards', async () => {
    const kinesis = await kinesisThat((_, body) =>
      'NextToken' in body
        ? { body: { Shards: [{ ShardId: 'b', ParentShardId: 'a', AdjacentParentShardId: 'expired' }] } }
        : { body: { Shards: [{ ShardId: 'a' }], NextToken: 'more' } },
    );
    expect(await kinesis.log.shards('pins')).toEqual([
      { id: 'a', parents: [] },
      { id: 'b', parents: ['a'] },
    ]);
  });
});
