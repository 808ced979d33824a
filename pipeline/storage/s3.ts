/**
 * A prefix of an S3 bucket: objects appear whole, and a conditional put (If-None-Match) decides between two writers. When
 * the answer to a put is lost, the object is read back.
 */

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { retry } from '../retry.ts';
import { StorageError } from './error.ts';
import type {
  ListOptions,
  ObjectMeta,
  ObjectReader,
  ObjectStore,
  ObjectWriter,
  S3Location,
} from './object_store.ts';

interface Bucket {
  readonly client: S3Client;
  readonly bucket: string;
  /** Empty, or ending in `/`. */
  readonly prefix: string;
}

/** The storage of a prefix. Region, credentials and AWS_ENDPOINT_URL come from the environment. */
export function s3Store(location: S3Location): ObjectStore {
  const { bucket } = location;
  const prefix = location.prefix === '' ? '' : `${location.prefix}/`;
  const s3 = { client: sharedClient(), bucket, prefix };
  const url = (key: string) => `s3://${bucket}/${prefix}${key}`;
  return {
    name: url('').replace(/\/$/, ''),
    read: (key) => withS3Errors(`read ${url(key)}`, () => read(s3, key)),
    open: (key, size) => withS3Errors(`read ${url(key)}`, () => openObject(s3, key, size)),
    list: (folder, options) => withS3Errors(`list ${url(folder)}`, () => list(s3, folder, options)),
    listFolders: (folder) => withS3Errors(`list ${url(folder)}`, () => listFolders(s3, folder)),
    putIfAbsent: (key, bytes) => withS3Errors(`write ${url(key)}`, () => putIfAbsent(s3, key, bytes)),
    put: (key, bytes) => withS3Errors(`write ${url(key)}`, () => put(s3, key, bytes)),
    create: async (key) => create((bytes) => withS3Errors(`write ${url(key)}`, () => put(s3, key, bytes))),
    remove: (key) => withS3Errors(`remove ${url(key)}`, () => remove(s3, key)),
  };
}

const clients = new Map<string, S3Client>();

/** One client for all that is stored at an endpoint, so that connections are reused. */
function sharedClient(): S3Client {
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? '';
  const existing = clients.get(endpoint);
  if (existing !== undefined) {
    return existing;
  }
  const client = new S3Client({ maxAttempts: 5, forcePathStyle: endpoint !== '' });
  clients.set(endpoint, client);
  return client;
}

async function read({ client, bucket, prefix }: Bucket, key: string): Promise<Uint8Array | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    if (nameOf(error) === 'NoSuchKey') {
      return undefined;
    }
    throw error;
  }
}

async function openObject(
  { client, bucket, prefix }: Bucket,
  key: string,
  listedSize?: number,
): Promise<ObjectReader> {
  const object = { Bucket: bucket, Key: prefix + key };
  const size = listedSize ?? (await client.send(new HeadObjectCommand(object))).ContentLength ?? 0;
  return {
    size,
    read: (start, end) =>
      withS3Errors(`read s3://${bucket}/${prefix}${key}`, async () => {
        const range = { ...object, Range: `bytes=${start}-${end - 1}` };
        const { Body } = await client.send(new GetObjectCommand(range));
        return new Uint8Array((await Body?.transformToByteArray()) ?? []);
      }),
    close: async () => {},
  };
}

async function list(s3: Bucket, folder: string, options: ListOptions = {}): Promise<ObjectMeta[]> {
  const files: ObjectMeta[] = [];
  for await (const { inside, Contents = [] } of pages(s3, folder, options)) {
    for (const { Key = '', Size = 0, LastModified } of Contents) {
      // A key that ends in `/` is a folder that a console has made.
      if (!Key.endsWith('/')) {
        files.push({ name: Key.slice(inside.length), size: Size, modified: LastModified?.getTime() ?? 0 });
      }
    }
  }
  return files;
}

async function listFolders(s3: Bucket, folder: string): Promise<string[]> {
  const folders: string[] = [];
  for await (const { inside, CommonPrefixes = [] } of pages(s3, folder, {})) {
    folders.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(inside.length, -1)));
  }
  return folders;
}

async function* pages(
  { client, bucket, prefix }: Bucket,
  folder: string,
  { recursive = false, startAfter }: ListOptions,
) {
  const inside = `${prefix}${folder === '' ? '' : `${folder}/`}`;
  const wanted = {
    Bucket: bucket,
    Prefix: inside,
    Delimiter: recursive ? undefined : '/',
    StartAfter: startAfter === undefined ? undefined : inside + startAfter,
  };
  let token: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await client.send(
      new ListObjectsV2Command({ ...wanted, ContinuationToken: token }),
    );
    yield { ...page, inside };
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/**
 * The client repeats a put whose answer was lost, and then hears that the object exists: it may be its own. Callers must
 * therefore make their bytes unlike those of others, or not mind that others have written the same.
 */
async function putIfAbsent(s3: Bucket, key: string, bytes: Uint8Array): Promise<boolean> {
  const { client, bucket, prefix } = s3;
  const object = { Bucket: bucket, Key: prefix + key, Body: bytes, IfNoneMatch: '*' };
  const attempt = async (): Promise<boolean> => {
    try {
      await client.send(new PutObjectCommand(object));
      return true;
    } catch (error) {
      const existing = await read(s3, key);
      if (existing !== undefined) {
        return Buffer.compare(existing, bytes) === 0;
      }
      throw error;
    }
  };
  return retry(attempt, conflicts);
}

/** Attempts while another's put is under way: when that has failed, the name is free. */
const conflicts = {
  mayPass: (error: unknown) => nameOf(error) === 'ConditionalRequestConflict',
  firstPauseMilliseconds: 20,
  longestPauseMilliseconds: 500,
  attempts: 10,
};

async function put({ client, bucket, prefix }: Bucket, key: string, bytes: Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: bytes }));
}

async function remove({ client, bucket, prefix }: Bucket, key: string): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key }));
}

/** Collects an object in memory and puts it at once: a data file is some hundred megabytes at most. */
function create(putAll: (bytes: Uint8Array) => Promise<void>): ObjectWriter {
  let parts: Uint8Array[] = [];
  return {
    write: async (bytes) => {
      parts.push(bytes.slice());
    },
    finish: () => putAll(Buffer.concat(parts)),
    abandon: async () => {
      parts = [];
    },
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

async function withS3Errors<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError) {
      throw error;
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const advice = advices[nameOf(error)] ?? permissions;
    throw new StorageError(`Could not ${doing}: ${reason.replace(/\.?$/, '.')} ${advice}`, { cause: error });
  }
}

const permissions =
  'Check the bucket’s name, its region, and that s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject are allowed.';
const signIn =
  'Sign in to AWS (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';

const advices: Readonly<Record<string, string | undefined>> = {
  CredentialsProviderError: signIn,
  InvalidAccessKeyId: signIn,
  SignatureDoesNotMatch: `${signIn} Check this machine’s clock, too.`,
  RequestTimeTooSkewed: 'Put this machine’s clock right.',
  ExpiredToken: 'Sign in again: the temporary credentials are over.',
};
