import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, describe, expect, it } from 'vitest';
import { generatePost } from '../../emulator/generator.ts';
import {
  regionOfApi,
  withApiKey,
  withoutAuthorisation,
  withSignature,
} from '../../emulator/senders/authorisation.ts';
import { apiSendToKafka } from '../../emulator/senders/kafka.ts';
import { apiSendToKinesis } from '../../emulator/senders/kinesis.ts';
import { Sender, type SenderOptions } from '../../emulator/senders/sender.ts';
import { datasets, geo } from '../../pipeline/datasets/index.ts';
import { allTaken, type Endpoint, producedEvents, startEndpoint } from './endpoint.ts';

const { signal } = new AbortController();
const retry = { attempts: 3, firstPauseMilliseconds: 1, longestPauseMilliseconds: 2 };
const posts = [0, 1, 2].map((index) => generatePost(index, 1));

let endpoint: Endpoint | undefined;
let sender: Sender | undefined;
afterEach(async () => {
  await sender?.close();
  await endpoint?.close();
  [sender, endpoint] = [undefined, undefined];
});

/** Sends the first posts to an endpoint that answers so. */
async function send(
  answer: Parameters<typeof startEndpoint>[0],
  options: Partial<SenderOptions> = {},
  some = posts,
) {
  endpoint = await startEndpoint(answer);
  const url = `${endpoint.url}${options.url ?? ''}`;
  sender = new Sender({ apis: [apiSendToKafka()], datasets: [geo], retry, ...options, url });
  const undelivered = await sender.send(some, signal);
  return { undelivered, received: endpoint.received };
}

describe('api_send_to_kafka', () => {
  it('sends each post to the three topics, fields that are not known left out', async () => {
    const post = { ...posts[0], geo: { ind: 0, timestamp: '2020-01-01 00:00:00', country: null } };
    const { received, undelivered } = await send(
      (request, response) => response.end(allTaken(request)),
      { datasets, apis: [apiSendToKafka('0a60b9a8a831')] },
      [{ ...generatePost(0, 1), ...post }],
    );
    expect(undelivered).toEqual([]);
    expect(received.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'POST /topics/0a60b9a8a831.geo',
      'POST /topics/0a60b9a8a831.pin',
      'POST /topics/0a60b9a8a831.user',
    ]);
    const sentGeo = received.find(({ path }) => path.endsWith('geo'));
    expect(sentGeo?.headers['content-type']).toBe('application/vnd.kafka.json.v2+json');
    expect(sentGeo && producedEvents(sentGeo)).toEqual([{ ind: 0, timestamp: '2020-01-01 00:00:00' }]);
  });

  it('sends again what failed and may work, alone', async () => {
    const { undelivered, received } = await send((request, response, number) => {
      if (number > 1) {
        response.end(allTaken(request));
        return;
      }
      const offsets = [
        { partition: 0, offset: 1, error_code: null, error: null },
        { partition: null, offset: null, error_code: 2, error: 'no leader' },
        { partition: null, offset: null, error_code: 1, error: 'too large' },
      ];
      response.end(JSON.stringify({ offsets }));
    });
    expect(received.map((request) => producedEvents(request).map(({ ind }) => ind))).toEqual([
      [0, 1, 2],
      [1],
    ]);
    expect(undelivered).toEqual([{ place: 2, dataset: 'geo', event: posts[2]?.geo, reason: 'too large' }]);
  });

  it('sends no more records in a request than it may', async () => {
    const many = Array.from({ length: 2001 }, (_, index) => generatePost(index, 1));
    const { received } = await send((request, response) => response.end(allTaken(request)), {}, many);
    expect(received.map((request) => producedEvents(request).length).sort()).toEqual([1, 2000]);
  });
});

describe('both APIs', () => {
  it('take the same events, and what one of them does not take is sent again to it alone', async () => {
    let failed = false;
    const { undelivered, received } = await send(
      (request, response) => {
        if (request.path.startsWith('/topics')) {
          response.end(allTaken(request));
        } else if (!failed) {
          failed = true;
          response.writeHead(503).end();
        } else {
          response.end(JSON.stringify({ Records: posts.map(() => ({ SequenceNumber: '1' })) }));
        }
      },
      { apis: [apiSendToKafka(), apiSendToKinesis()] },
    );
    expect(undelivered).toEqual([]);
    expect(received.map(({ path }) => path).sort()).toEqual([
      '/streams/streaming-geo/records',
      '/streams/streaming-geo/records',
      '/topics/geo',
    ]);
  });
});

describe('api_send_to_kinesis', () => {
  const apis = [apiSendToKinesis()];

  it('puts one record, or several', async () => {
    const [post] = posts;
    if (post === undefined) {
      throw new Error('no post');
    }
    const { received } = await send((_, response) => response.end('{"SequenceNumber":"1"}'), { apis }, [
      post,
    ]);
    expect(received[0]).toMatchObject({ method: 'PUT', path: '/streams/streaming-geo/record' });
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      StreamName: 'streaming-geo',
      Data: post.geo,
      PartitionKey: '0',
    });
  });

  it('sends again the records that Kinesis did not take for being too many', async () => {
    const bodies: { records: { data: { ind: number } }[] }[] = [];
    const { undelivered, received } = await send(
      (request, response, number) => {
        if (number > 1) {
          response.end('{"SequenceNumber":"1"}');
          return;
        }
        bodies.push(JSON.parse(request.body));
        const Records = [
          { SequenceNumber: '1', ShardId: 'a' },
          { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slower' },
          { SequenceNumber: '2', ShardId: 'a' },
        ];
        response.end(JSON.stringify({ FailedRecordCount: 1, Records }));
      },
      { apis },
    );
    expect(undelivered).toEqual([]);
    expect(bodies[0]?.records.map(({ data }) => data.ind)).toEqual([0, 1, 2]);
    expect(received.map(({ path }) => path)).toEqual([
      '/streams/streaming-geo/records',
      '/streams/streaming-geo/record',
    ]);
    expect(JSON.parse(received[1]?.body ?? '').Data.ind).toBe(1);
  });
});

describe('a request that fails', () => {
  it.each([429, 500, 503])('with %i is sent again, as often as the policy says', async (status) => {
    const { undelivered, received } = await send((_, response) => response.writeHead(status).end());
    expect(received).toHaveLength(retry.attempts);
    expect(undelivered.map(({ reason }) => reason)).toEqual(Array(3).fill(`HTTP ${status}`));
  });

  it.each([400, 403, 404, 413, 422])('with %i is not', async (status) => {
    const { undelivered, received } = await send((_, response) => response.writeHead(status).end('why'));
    expect(received).toHaveLength(1);
    expect(undelivered[0]?.reason).toBe(`HTTP ${status}: why`);
  });

  it('is not sent again once the run is ended', async () => {
    const ending = new AbortController();
    endpoint = await startEndpoint((_, response) => {
      // The sender would wait an hour.
      response.writeHead(503, { 'retry-after': '3600' }).end(() => ending.abort());
    });
    sender = new Sender({ url: endpoint.url, apis: [apiSendToKafka()], datasets: [geo], retry });
    const undelivered = await sender.send(posts, ending.signal);
    expect(undelivered).toHaveLength(3);
    expect(endpoint.received.length).toBeLessThan(retry.attempts);
  });
});

describe('authorisation', () => {
  const answer: Parameters<typeof startEndpoint>[0] = (request, response) => response.end(allTaken(request));

  it('by a key', async () => {
    const { received } = await send(answer, { authorise: withApiKey('a key'), url: '/v1/' });
    expect(received[0]?.path).toBe('/v1/topics/geo');
    expect(received[0]?.headers['x-api-key']).toBe('a key');
  });

  it('by a signature that AWS would accept', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
    const { received } = await send(answer, {
      authorise: withSignature('eu-west-1', credentials),
      url: '/v1',
    });
    const [request] = received;
    if (request === undefined) {
      throw new Error('nothing came');
    }
    const { headers, body, path } = request;
    const date = String(headers['x-amz-date']);
    const signed = await new SignatureV4({
      service: 'execute-api',
      region: 'eu-west-1',
      credentials,
      sha256: Sha256,
    }).sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        path,
        headers: { host: String(headers.host), 'content-type': String(headers['content-type']) },
        body,
      },
      {
        signingDate: new Date(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')),
      },
    );
    expect(headers.authorization).toBe(signed.headers.authorization);
    expect(headers.authorization).toContain('AKIDEXAMPLE');
  });

  it('by nothing', async () => {
    const { received } = await send(answer, { authorise: withoutAuthorisation });
    expect(received[0]?.headers.authorization).toBeUndefined();
  });

  it('ends the run when there are no credentials, instead of trying again', async () => {
    const broken = send(answer, {
      authorise: async () => {
        throw new Error('no credentials');
      },
    });
    await expect(broken).rejects.toThrow('no credentials');
  });

  it('knows the region of an API', () => {
    expect(regionOfApi(new URL('https://abc.execute-api.us-east-1.amazonaws.com/v1'))).toBe('us-east-1');
    expect(regionOfApi(new URL('https://example.org/'))).toBeUndefined();
  });
});

it.each(['ftp://127.0.0.1/', 'http://user:secret@127.0.0.1/'])('cannot send to %s', (url) => {
  const make = () => new Sender({ url, apis: [apiSendToKafka()], datasets });
  expect(make).toThrow(TypeError);
  expect(make).not.toThrow('secret');
});
