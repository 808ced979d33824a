/** S3 on this machine. */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import type { AwsServer } from '../real/systems/aws.ts';
import { aws } from '../real/systems.ts';

/** Starts moto with a bucket for a suite, and points this process's environment to it. @returns the server once it runs */
export function suiteBucket(bucket: string): () => AwsServer {
  const before = { ...process.env };
  let server: AwsServer | undefined;
  beforeAll(async () => {
    server = await aws.start();
    Object.assign(process.env, server.environment);
    const client = new S3Client({ forcePathStyle: true });
    const region = { LocationConstraint: 'eu-west-1' as const };
    await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: region }));
    client.destroy();
  });
  afterAll(async () => {
    await server?.stop();
    for (const name of Object.keys(server?.environment ?? {})) {
      delete process.env[name];
    }
    Object.assign(process.env, before);
  });
  return () => server ?? expect.fail('moto has not been started.');
}
