import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LandingStore, openLandingStore } from '../../../pipeline/landing/landing.ts';
import { landedBefore, PartitionLanding } from '../../../pipeline/landing/partition.ts';
import { runSink } from '../../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
import { concurrently } from '../../../pipeline/storage/concurrently.ts';
import type { ListOptions } from '../../../pipeline/storage/object_store.ts';
import { append } from '../../log/contract.ts';
import { suiteBucket } from '../../support/bucket.ts';
import { suiteFolder } from '../../support/folder.ts';
import { aws, describeReal } from '../systems.ts';

describeReal('the sink to S3', [aws], () => {
  const bucket = 'pins';
  suiteBucket(bucket);
  let client: S3Client;
  const folder = suiteFolder('sink-s3');
  let log: EmbeddedLog;

  beforeAll(async () => {
    client = new S3Client({ forcePathStyle: true });
    log = await EmbeddedLog.open(folder);
    await log.createTopic('pin', 1);
  });

  afterAll(async () => {
    client?.destroy();
    await log?.close();
  });

  async function objects(prefix: string): Promise<Record<string, string>> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    const texts: Record<string, string> = {};
    for (const { Key = '' } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      texts[Key] = (await Body?.transformToString()) ?? '';
    }
    return texts;
  }

  it('writes objects and continues after the last one', async () => {
    await append(log, 'pin', ['0', '1', '2']);
    const landing = `s3://${bucket}/some/lake`;
    const first = runSink({ log, topics: ['pin'], landing, flushSize: 2 });
    await first.drain();
    await first.stop();
    await append(log, 'pin', ['3']);
    const second = runSink({ log, topics: ['pin'], landing });
    await second.drain();
    await second.stop();
    expect(await objects('some/lake/')).toEqual({
      'some/lake/topics/pin/partition=0/pin+0+0000000000.json': '0\n1\n',
      'some/lake/topics/pin/partition=0/pin+0+0000000002.json': '2\n',
      'some/lake/topics/pin/partition=0/pin+0+0000000003.json': '3\n',
    });
  });

  it('takes a bucket without a prefix', async () => {
    await landOne(await openLandingStore(`s3://${bucket}`), 'geo', '0');
    expect(Object.keys(await objects('topics/'))).toEqual(['topics/geo/partition=0/geo+0+0000000000.json']);
  });

  it('detects a second sink, and accepts its own repeated put', async () => {
    const store = await openLandingStore(`s3://${bucket}/two`);
    await landOne(store, 'pin', '0');
    await landOne(store, 'pin', '0');
    await expect(landOne(store, 'pin', '1')).rejects.toThrow(/another sink/);
    expect(await objects('two/')).toEqual({ 'two/topics/pin/partition=0/pin+0+0000000000.json': '0\n' });
  });

  it('lists more objects than come in one answer', async () => {
    const store = await openLandingStore(`s3://${bucket}/many`);
    const names = Array.from({ length: 1005 }, (_, i) => `pin+0+${String(i).padStart(10, '0')}.json`);
    const folder = 'topics/pin/partition=0';
    await concurrently(names, 50, (name) => store.put(`${folder}/${name}`, Buffer.from('x\n')));
    const namesIn = async (inside: string, options?: ListOptions) =>
      (await store.list(inside, options)).map(({ name }) => name);
    expect(await namesIn(folder)).toEqual(names);
    expect(await namesIn(folder, { startAfter: 'pin+0+0000000002.json' })).toEqual(names.slice(3));
    expect(await namesIn('topics', { recursive: true })).toEqual(
      names.map((name) => `pin/partition=0/${name}`),
    );
    expect(await landedBefore(store, 'pin', 0)).toMatchObject({ next: 1005n });
  });

  it('says what to check when the bucket does not exist, or the URL is wrong', async () => {
    await expect(openLandingStore('s3://not-there/x')).rejects.toThrow(/not-there.*s3:ListBucket/s);
    await expect(openLandingStore('s3:/x')).rejects.toThrow(/Not an S3 URL: "s3:\/x"/);
  });
});

/** Lands one record at offset 0. */
async function landOne(store: LandingStore, topic: string, value: string): Promise<void> {
  const rotation = { flushSize: 1, rotateMilliseconds: 1000 };
  const landing = new PartitionLanding(store, { topic, partition: 0 }, rotation, 0n);
  await landing.add([{ position: '0', value: Buffer.from(value), key: null, timestamp: 0 }]);
}
