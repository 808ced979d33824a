import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLandingStore } from '../../../pipeline/landing/landing.ts';
import { runSink } from '../../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
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

  it('writes objects and goes on behind the last one', async () => {
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
    const store = await openLandingStore(`s3://${bucket}`);
    await store.write('topics/geo/partition=0/geo+0+0000000000.json', [Buffer.from('0\n')]);
    expect(Object.keys(await objects('topics/'))).toEqual(['topics/geo/partition=0/geo+0+0000000000.json']);
    await store.close();
  });

  it('finds out a second sink, and knows its own repeated put', async () => {
    const store = await openLandingStore(`s3://${bucket}/two`);
    const path = 'topics/pin/partition=0/pin+0+0000000000.json';
    await store.write(path, [Buffer.from('0\n')]);
    await store.write(path, [Buffer.from('0\n')]);
    await expect(store.write(path, [Buffer.from('0\n1\n')])).rejects.toThrow(/another sink/);
    expect(await objects('two/')).toEqual({ [`two/${path}`]: '0\n' });
    await store.close();
  });

  it('lists more objects than come in one answer', async () => {
    const store = await openLandingStore(`s3://${bucket}/many`);
    const paths = Array.from({ length: 1005 }, (_, index) => {
      return `topics/pin/partition=0/pin+0+${String(index).padStart(10, '0')}.json`;
    });
    for (let at = 0; at < paths.length; at += 50) {
      await Promise.all(paths.slice(at, at + 50).map((path) => store.write(path, [Buffer.from('x\n')])));
    }
    expect([...(await store.list('pin', 0))].sort()).toEqual(paths);
    await store.close();
  });

  it('says what to look at when the bucket is not there, or the URL is none', async () => {
    await expect(openLandingStore('s3://not-there/x')).rejects.toThrow(/not-there.*s3:ListBucket/s);
    await expect(openLandingStore('s3:/x')).rejects.toThrow(/use s3:\/\/bucket\/prefix/);
  });
});
