import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { generatePost } from '../../../emulator/generator.ts';
import { knownFields } from '../../../emulator/senders/api.ts';
import { kinesisActions } from '../../../pipeline/api/kinesis_paths.ts';
import { errorResponse } from '../../../pipeline/api/templates.ts';
import { renderTemplate, type TemplateInput } from '../../api/api_gateway.ts';
import { describeReal, kinesis } from '../systems.ts';

const actions = kinesisActions('streaming-');
const inStream = { 'stream-name': 'streaming-pin' };

/** Stands in for API Gateway's templates: renders each request and sends it to the Kinesis API. */
describeReal('mapping templates in front of the Kinesis API', [kinesis], () => {
  let server: Awaited<ReturnType<typeof kinesis.start>>;
  const used = new Set<string>();
  beforeAll(async () => {
    server = await kinesis.start();
  });
  afterAll(() => server?.stop());

  /** The answer, through the response template where there is one. */
  async function ask(operation: keyof typeof actions, input: TemplateInput) {
    used.add(operation);
    const { action, request, ...rest } = actions[operation];
    const { hostname, port, host } = new URL(server.endpoint);
    const signer = new SignatureV4({
      service: 'kinesis',
      region: server.region,
      credentials: server.credentials,
      sha256: Sha256,
    });
    const { headers, body } = await signer.sign({
      method: 'POST',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: '/',
      headers: {
        host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Kinesis_20131202.${action}`,
      },
      body: renderTemplate(request, input).text,
    });
    const response = await fetch(server.endpoint, { method: 'POST', headers, body });
    const text = await response.text();
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    if (!response.ok) {
      const { text: shown, status } = renderTemplate(errorResponse, { body: answer });
      return { status: status ?? response.status, answer: Object(JSON.parse(shown)) };
    }
    const shown = 'response' in rest ? renderTemplate(rest.response, { body: answer }).text : text;
    return { status: response.status, answer: shown === '' ? {} : Object(JSON.parse(shown)) };
  }

  it('make, describe and list streams', async () => {
    const made = await ask('createStream', { body: { ShardCount: 2 }, parameters: inStream });
    expect(made).toMatchObject({ status: 200 });
    const other = await ask('createStream', { body: {}, parameters: { 'stream-name': 'payments' } });
    expect(other).toMatchObject({ status: 200 });
    await vi.waitFor(
      async () =>
        expect(await ask('describeStream', { parameters: inStream })).toMatchObject({
          status: 200,
          answer: { StreamDescription: { StreamName: 'streaming-pin', StreamStatus: 'ACTIVE' } },
        }),
      { timeout: 20_000 },
    );
    // One of the account's two streams has the prefix.
    expect((await ask('listStreams', {})).answer).toEqual({
      StreamNames: ['streaming-pin'],
      HasMoreStreams: false,
    });
  });

  it('put records, alone and together, that are read as they were', async () => {
    const events = Array.from({ length: 20 }, (_, index) => knownFields(generatePost(index, 1).pin));
    const [first, ...others] = [
      { index: -1, title: 'a "quoted" \\ title, it’s 日本 ✨ / $x #if' },
      ...events,
    ];
    const one = { Data: first, PartitionKey: 'a "key"' };
    const put = await ask('putRecord', { body: one, parameters: inStream });
    expect(put).toMatchObject({ status: 200, answer: { SequenceNumber: expect.any(String) } });
    const records = others.map((data, index) => ({ data, 'partition-key': String(index) }));
    const many = await ask('putRecords', { body: { records }, parameters: inStream });
    expect(many).toMatchObject({ status: 200, answer: { FailedRecordCount: 0 } });

    const read: unknown[] = [];
    for (const shard of ['shardId-000000000000', 'shardId-000000000001']) {
      const place = { ...inStream, 'shard-id': shard };
      const { answer } = await ask('getShardIterator', { parameters: place });
      const got = await ask('getRecords', {
        parameters: { ...inStream, 'Shard-Iterator': String(answer.ShardIterator), limit: '100' },
      });
      expect(got.status).toBe(200);
      const data = z.array(z.object({ Data: z.base64() })).parse(got.answer.Records);
      read.push(...data.map(({ Data }) => JSON.parse(Buffer.from(Data, 'base64').toString())));
    }
    expect(read).toHaveLength(21);
    expect(read).toEqual(expect.arrayContaining([first, ...others]));
  });

  it('continue after a record', async () => {
    const put = await ask('putRecord', {
      body: { Data: { index: 1 }, PartitionKey: '1' },
      parameters: inStream,
    });
    const place = {
      ...inStream,
      'shard-id': String(put.answer.ShardId),
      'shard-iterator-type': 'AT_SEQUENCE_NUMBER',
      'starting-sequence-number': String(put.answer.SequenceNumber),
    };
    const { answer } = await ask('getShardIterator', { parameters: place });
    const got = await ask('getRecords', { parameters: { 'Shard-Iterator': String(answer.ShardIterator) } });
    expect(got.answer.Records).toHaveLength(1);
  });

  it('pass on the errors of Kinesis', async () => {
    const missing = await ask('describeStream', { parameters: { 'stream-name': 'streaming-none' } });
    expect(missing).toMatchObject({
      status: 400,
      answer: { __type: expect.stringContaining('ResourceNotFoundException') },
    });
    const full = await ask('createStream', {
      body: { ShardCount: 100_000 },
      parameters: { 'stream-name': 'streaming-huge' },
    });
    expect(full).toMatchObject({
      status: 429,
      answer: { __type: expect.stringContaining('LimitExceeded') },
    });
  });

  it('delete streams, and so every template has been used', async () => {
    expect(await ask('deleteStream', { parameters: inStream })).toMatchObject({ status: 200 });
    expect([...used].sort()).toEqual(Object.keys(actions).sort());
  });
});
