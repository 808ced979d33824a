/** The real command with its lake on S3, killed at requests that write, again and again. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
import {
  batchOf,
  committedIn,
  createStreams,
  type Events,
  eventsOf,
  goldIn,
  send,
} from '../../stream/streams.ts';
import { suiteBucket } from '../../support/bucket.ts';
import { suiteFolder } from '../../support/folder.ts';
import { crashSeed, type KilledOrDone, killAt, killOften } from '../../support/kill.ts';
import { startCommand } from '../../support/process.ts';
import { Choices } from '../../support/random.ts';
import { S3Proxy } from '../systems/s3_proxy.ts';
import { aws, describeReal } from '../systems.ts';

const kills = 10;
/** A moment is before or behind a request that writes; about as many are in a run behind one that was killed early. */
const momentsOfRun = 80;

describeReal('the stream path with its lake on S3', [aws], () => {
  const server = suiteBucket('lake');
  let proxy: S3Proxy;
  let endpoint: string;
  const folder = suiteFolder('stream-s3');

  beforeAll(async () => {
    proxy = new S3Proxy(server().endpoint);
    endpoint = await proxy.start();
  });

  afterAll(() => proxy?.stop());

  /** Runs the command until it ends by itself, or is killed before or behind a request that writes. */
  function runStream(write?: number): Promise<KilledOrDone> {
    const options = [
      ...['--from', `embedded:${join(folder, 'log')}`, '--lake', 's3://lake/some/where', '--no-page'],
      ...['--checkpoints', join(folder, 'checkpoints'), '--until-idle', '0.2'],
      ...['--batch-mebibytes', '0.01', '--batch-seconds', '0.01', '--gold-seconds', '0.05'],
    ];
    const env = { ...process.env, AWS_ENDPOINT_URL: endpoint };
    return killAt(write, startCommand(['stream', ...options], { env }), (moment) => {
      proxy.onWrite = (isDone) => moment(isDone ? 'written' : 'writing');
      return () => {
        proxy.onWrite = () => {};
      };
    });
  }

  it('holds each row and each quarantined record once, and the batch’s answers, after it was killed often', async () => {
    const seed = crashSeed();
    const choices = new Choices(seed);
    const log = await EmbeddedLog.open(join(folder, 'log'));
    await createStreams(log, 2);
    const parts: Events[] = [];
    await killOften(kills, async (round) => {
      const part = eventsOf(round * 18, 20, seed);
      parts.push(part);
      await send(log, part);
      return runStream(1 + choices.below(momentsOfRun));
    });
    console.info(`killed ${kills} of ${parts.length} runs`);
    await runStream();
    await log.close();
    const expected = await batchOf(join(folder, 'landing'), parts);
    expect(await committedIn('s3://lake/some/where')).toEqual(expected);
    expect(await goldIn('s3://lake/some/where')).toEqual(expected.answers);
  }, 300_000);
});
