/** The real command with its lake on S3, killed at requests that write, again and again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
import { Choices } from '../../json/any_lines.ts';
import { runStreamCommand } from '../../stream/stream_command.ts';
import {
  batchOf,
  committedIn,
  createStreams,
  type Events,
  eventsOf,
  goldIn,
  send,
} from '../../stream/streams.ts';
import { S3Proxy } from '../systems/s3_proxy.ts';
import { aws, describeReal } from '../systems.ts';

const kills = 10;
/** A moment is before or behind a request that writes; about as many are in a run behind one that was killed early. */
const momentsOfRun = 80;

describeReal('the stream way with its lake on S3', [aws], () => {
  const before = { ...process.env };
  let server: Awaited<ReturnType<typeof aws.start>>;
  let proxy: S3Proxy;
  let endpoint: string;
  let folder: string;

  beforeAll(async () => {
    server = await aws.start();
    Object.assign(process.env, server.environment);
    const client = new S3Client({ forcePathStyle: true });
    const region = { LocationConstraint: 'eu-west-1' as const };
    await client.send(new CreateBucketCommand({ Bucket: 'lake', CreateBucketConfiguration: region }));
    client.destroy();
    proxy = new S3Proxy(server.endpoint);
    endpoint = await proxy.start();
    folder = await mkdtemp(join(tmpdir(), 'stream-s3-'));
  });

  afterAll(async () => {
    proxy?.stop();
    await server?.stop();
    for (const name of Object.keys(server?.environment ?? {})) delete process.env[name];
    Object.assign(process.env, before);
    await rm(folder, { recursive: true });
  });

  /** Runs the command until it ends by itself, or is killed before or behind a request that writes. @returns whether it was */
  async function runStream(killAt: number): Promise<boolean> {
    const options = [
      ...['--from', `embedded:${join(folder, 'log')}`, '--lake', 's3://lake/some/where', '--no-page'],
      ...['--checkpoints', join(folder, 'checkpoints'), '--until-idle', '0.2'],
      ...['--batch-mebibytes', '0.01', '--batch-seconds', '0.01', '--gold-seconds', '0.05'],
    ];
    const command = runStreamCommand(options, { AWS_ENDPOINT_URL: endpoint });
    let moments = 0;
    proxy.onWrite = () => {
      moments += 1;
      if (moments === killAt) command.kill();
    };
    const { status, signal, errors } = await command.ended;
    expect(signal ?? status, errors).toBeOneOf(['SIGKILL', 0]);
    return signal === 'SIGKILL';
  }

  it('holds each row and each quarantined record once, and the batch’s answers, after it was killed often', async () => {
    const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
    console.info(`seed ${seed}: run again with CRASH_SEED=${seed}`);
    const choices = new Choices(seed);
    const log = await EmbeddedLog.open(join(folder, 'log'));
    await createStreams(log, 2);
    const parts: Events[] = [];
    for (let killed = 0; killed < kills; ) {
      const part = eventsOf(parts.length * 18, 20, seed);
      parts.push(part);
      await send(log, part);
      const wasKilled = await runStream(1 + choices.below(momentsOfRun));
      killed += wasKilled ? 1 : 0;
    }
    console.info(`killed ${kills} of ${parts.length} runs`);
    expect(await runStream(0)).toBe(false);
    await log.close();
    const expected = await batchOf(join(folder, 'landing'), parts);
    expect(await committedIn('s3://lake/some/where')).toEqual(expected);
    expect(await goldIn('s3://lake/some/where')).toEqual(expected.answers);
  }, 300_000);
});
