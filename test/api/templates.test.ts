import { describe, expect, it } from 'vitest';
import { kinesisActions } from '../../pipeline/api/kinesis_paths.ts';
import { errorResponse } from '../../pipeline/api/templates.ts';
import { renderTemplate, type TemplateInput } from './api_gateway.ts';

const actions = kinesisActions('streaming-');
const stream = { 'stream-name': 'streaming-pin' };

/** The request that Kinesis would receive. */
function asked(action: keyof typeof actions, input: TemplateInput): unknown {
  return JSON.parse(renderTemplate(actions[action].request, input).text);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('templates of requests', () => {
  it('put a record: the event as its JSON', () => {
    const Data = { index: 7528, title: 'a "quoted" \\ title, 日本 ✨', latitude: -89.9787 };
    const body = { StreamName: 'ignored', Data, PartitionKey: 'a "key"' };
    expect(asked('putRecord', { body, parameters: stream })).toEqual({
      StreamName: 'streaming-pin',
      Data: base64(JSON.stringify(Data)),
      PartitionKey: 'a "key"',
    });
  });

  it('put records: each event as its JSON, not as a printed map', () => {
    const records = [
      { data: { ind: 1, country: "Cote d'Ivoire" }, 'partition-key': '1' },
      { data: { ind: 2 }, 'partition-key': '"' },
      { data: { ind: 3, country: 'Åland' }, 'partition-key': '3' },
    ];
    expect(asked('putRecords', { body: { records }, parameters: stream })).toEqual({
      StreamName: 'streaming-pin',
      Records: records.map((record) => ({
        Data: base64(JSON.stringify(record.data)),
        PartitionKey: record['partition-key'],
      })),
    });
  });

  it('create a stream of a number of shards, by default one', () => {
    expect(asked('createStream', { body: { ShardCount: 4 }, parameters: stream })).toEqual({
      ShardCount: 4,
      StreamName: 'streaming-pin',
    });
    expect(asked('createStream', { body: {}, parameters: stream })).toMatchObject({ ShardCount: 1 });
  });

  it.each(['describeStream', 'deleteStream'] as const)('%s by the name in the path', (action) => {
    expect(asked(action, { parameters: stream })).toEqual({ StreamName: 'streaming-pin' });
  });

  it('keep a quote in a name within the name', () => {
    const name = `x", "ShardCount": 9, "y": "it's`;
    expect(asked('describeStream', { parameters: { 'stream-name': name } })).toEqual({ StreamName: name });
  });

  it('list streams, continuing at the next token', () => {
    expect(asked('listStreams', {})).toEqual({ Limit: 100 });
    expect(asked('listStreams', { parameters: { 'next-token': 'abc=' } })).toEqual({
      NextToken: 'abc=',
      Limit: 100,
    });
  });

  it('get an iterator: from the beginning, or from a sequence number', () => {
    const parameters = { ...stream, 'shard-id': 'shardId-000000000000' };
    expect(asked('getShardIterator', { parameters })).toEqual({
      StreamName: 'streaming-pin',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const after = {
      ...parameters,
      'shard-iterator-type': 'AFTER_SEQUENCE_NUMBER',
      'starting-sequence-number': '495903382714902',
    };
    expect(asked('getShardIterator', { parameters: after })).toMatchObject({
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber: '495903382714902',
    });
  });

  it('read records, with a limit that is a number or none', () => {
    const parameters = { 'Shard-Iterator': 'AAAA+/=' };
    expect(asked('getRecords', { parameters })).toEqual({ ShardIterator: 'AAAA+/=' });
    expect(asked('getRecords', { parameters: { ...parameters, limit: '25' } })).toEqual({
      ShardIterator: 'AAAA+/=',
      Limit: 25,
    });
    expect(asked('getRecords', { parameters: { ...parameters, limit: '1, "x": 2' } })).toEqual({
      ShardIterator: 'AAAA+/=',
    });
  });
});

describe('templates of responses', () => {
  it('list only the streams of the prefix', () => {
    const list = (StreamNames: string[], more: object = {}): unknown =>
      JSON.parse(
        renderTemplate(actions.listStreams.response, {
          body: { StreamNames, HasMoreStreams: false, ...more },
        }).text,
      );
    expect(list(['orders', 'streaming-geo', 'payments', 'streaming-pin'])).toEqual({
      StreamNames: ['streaming-geo', 'streaming-pin'],
      HasMoreStreams: false,
    });
    expect(list([])).toEqual({ StreamNames: [], HasMoreStreams: false });
    expect(list(['orders'], { HasMoreStreams: true, NextToken: 'abc' })).toEqual({
      StreamNames: [],
      HasMoreStreams: true,
      NextToken: 'abc',
    });
  });

  it.each([
    ['ProvisionedThroughputExceededException', 429],
    ['LimitExceededException', 429],
    ['ResourceNotFoundException', undefined],
  ])('pass %s on, with status %s', (__type, status) => {
    const body = { __type, message: 'why' };
    const rendered = renderTemplate(errorResponse, { body });
    expect(rendered.status).toBe(status);
    expect(JSON.parse(rendered.text)).toEqual(body);
  });
});
