/** Landing files in an S3 bucket. An object appears whole; and a put that must not replace one finds out a second sink. */

import {
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type LandingStore, lineEndsIn } from './landing.ts';
import { landingPartition } from './layout.ts';
import { LandingError } from './reader.ts';

interface Place {
  readonly client: S3Client;
  readonly bucket: string;
  /** In front of `topics/`: empty, or ending in `/`. */
  readonly prefix: string;
}

/**
 * Opens `s3://bucket/prefix`. Region, credentials and, for tests, AWS_ENDPOINT_URL come from the environment.
 * @throws LandingError when the URL is wrong or the bucket cannot be reached
 */
export async function openS3Landing(url: string): Promise<LandingStore> {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([^?#]*))?$/.exec(url) ?? [];
  if (bucket === undefined) throw new LandingError(`"${url}" is no place on S3: use s3://bucket/prefix.`);
  const elsewhere = (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? '') !== '';
  const client = new S3Client({ maxAttempts: 5, forcePathStyle: elsewhere });
  const prefix = path.replace(/\/*$/, '/').replace(/^\/+/, '');
  const place = { client, bucket, prefix };
  try {
    await ask(`The bucket ${bucket} cannot be used`, () =>
      client.send(new HeadBucketCommand({ Bucket: bucket })),
    );
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    list: (topic, partition) => ask(`Listing ${url}`, () => list(place, topic, partition)),
    countLines: async (file) => lineEndsIn(await ask(`Reading ${file} in ${url}`, () => read(place, file))),
    write: (file, parts) => ask(`Writing ${file} in ${url}`, () => write(place, file, Buffer.concat(parts))),
    close: async () => client.destroy(),
  };
}

async function list({ client, bucket, prefix }: Place, topic: string, partition: number): Promise<string[]> {
  const paths: string[] = [];
  const wanted = { Bucket: bucket, Prefix: `${prefix}${landingPartition(topic, partition)}/` };
  let token: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await client.send(
      new ListObjectsV2Command({ ...wanted, ContinuationToken: token }),
    );
    paths.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(prefix.length)));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return paths;
}

async function read({ client, bucket, prefix }: Place, path: string): Promise<Uint8Array> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `${prefix}${path}` }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

async function write(place: Place, path: string, bytes: Uint8Array): Promise<void> {
  const { client, bucket, prefix } = place;
  const object = { Bucket: bucket, Key: `${prefix}${path}`, Body: bytes, ContentType: 'application/json' };
  try {
    await client.send(new PutObjectCommand({ ...object, IfNoneMatch: '*' }));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
    // Either the answer to the first try was lost and this one was a repeat, or somebody else writes here.
    if (Buffer.compare(await read(place, path), bytes) === 0) return;
    throw new LandingError(
      `${path} is already there with other content: another sink writes to this bucket. End one.`,
    );
  }
}

async function ask<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LandingError) throw error;
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const advice =
      'Check the bucket’s name, its region, and that s3:ListBucket, s3:GetObject and s3:PutObject are allowed.';
    throw new LandingError(`${doing}: ${said.replace(/\.?$/, '.')} ${advice}`, { cause: error });
  }
}
