import { describe, expect, it } from 'vitest';
import { kafkaConfig } from '../../pipeline/log/kafka/connection.ts';
import { LogUrlError, openLog, parseLogUrl } from '../../pipeline/log/open.ts';

describe('a log URL', () => {
  it.each([
    ['embedded:data/log', { kind: 'embedded', folder: 'data/log' }],
    ['embedded:/var/log with space', { kind: 'embedded', folder: '/var/log with space' }],
    ['kafka://localhost:9092', { kind: 'kafka', brokers: ['localhost:9092'], security: 'plain' }],
    ['kafka://a:1,b-2.c:2/', { kind: 'kafka', brokers: ['a:1', 'b-2.c:2'], security: 'plain' }],
    ['kafka+tls://[::1]:9093', { kind: 'kafka', brokers: ['[::1]:9093'], security: 'tls' }],
    ['kafka+iam://b-1:9098', { kind: 'kafka', brokers: ['b-1:9098'], security: 'iam' }],
    ['kinesis://eu-west-1', { kind: 'kinesis', region: 'eu-west-1' }],
    ['kinesis://us-gov-east-1/', { kind: 'kinesis', region: 'us-gov-east-1' }],
  ])('%s', (url, address) => {
    expect(parseLogUrl(url)).toEqual(address);
  });

  it.each([
    ['', /not a log URL/],
    ['data/log', /not a log URL/],
    ['sqs://queue', /sqs: is not a log URL/],
    ['embedded:', /followed by a folder/],
    ['embedded://data', /without "\/\/"/],
    ['kafka:localhost', /host:port/],
    ['kafka://localhost', /"localhost" is not a broker/],
    ['kafka://a:1,', /"" is not a broker/],
    ['kafka://a:0', /not a broker/],
    ['kafka://a:65536', /not a broker/],
    ['kinesis://', /names an AWS region/],
    ['kinesis://eu-west-1/stream', /names an AWS region/],
  ])('"%s" is refused', (url, message) => {
    expect(() => parseLogUrl(url)).toThrow(LogUrlError);
    expect(() => parseLogUrl(url)).toThrow(message);
  });

  it.each([
    'kafka://user:hunter2@host:9092',
    'kinesis://AKIA:hunter2@eu-west-1',
    'hunter2',
    'kafka://host:9092?password=hunter2',
    'https://user:hunter2@host',
  ])('whatever is wrong with it, no secret is repeated', (url) => {
    let message = '';
    try {
      parseLogUrl(url);
    } catch (error) {
      message = String(error);
    }
    expect(message).not.toBe('');
    expect(message).not.toContain('hunter2');
  });

  it('takes an endpoint for Kinesis alone', async () => {
    await expect(openLog('embedded:x', { endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(/for kinesis/);
  });
});

describe('signing in to MSK', () => {
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'not a secret' };

  it('uses a token made from the AWS credentials of the environment, for the region in the brokers’ names', async () => {
    const before = { ...process.env };
    Object.assign(process.env, credentials);
    try {
      const broker = 'b-1.pins.abc123.c2.kafka.eu-north-1.amazonaws.com:9098';
      const { sasl, ssl } = kafkaConfig({ brokers: [broker], security: 'iam' });
      expect(ssl).toBe(true);
      if (sasl?.mechanism !== 'oauthbearer' || !('oauthBearerProvider' in sasl)) {
        throw new Error('no token');
      }
      const { value } = await sasl.oauthBearerProvider();
      const signed = new URL(Buffer.from(value, 'base64url').toString());
      expect(signed.hostname).toBe('kafka.eu-north-1.amazonaws.com');
      expect(signed.searchParams.get('Action')).toBe('kafka-cluster:Connect');
      expect(signed.searchParams.get('X-Amz-Credential')).toContain(credentials.AWS_ACCESS_KEY_ID);
      expect(signed.href).not.toContain(credentials.AWS_SECRET_ACCESS_KEY);
    } finally {
      for (const name of Object.keys(credentials)) {
        delete process.env[name];
      }
      Object.assign(process.env, before);
    }
  });

  it('signs nothing over plain connections and TLS', () => {
    expect(kafkaConfig({ brokers: ['a:1'], security: 'plain' })).not.toHaveProperty('ssl');
    expect(kafkaConfig({ brokers: ['a:1'], security: 'tls' })).toMatchObject({ ssl: true });
    expect(kafkaConfig({ brokers: ['a:1'], security: 'tls' })).not.toHaveProperty('sasl');
  });
});
