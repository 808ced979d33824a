/**
 * A Delta table on S3: objects appear whole, and a conditional put (If-None-Match) decides between two writers. A put
 * whose answer was lost is cleared up by reading the object back.
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
import { DeltaError } from '../delta/error.ts';
import type { ObjectMeta, ObjectReader, ObjectStore, ObjectWriter } from './object_store.ts';

interface Place {
  readonly client: S3Client;
  readonly bucket: string;
  /** Empty, or ending in `/`. */
  readonly prefix: string;
}

/**
 * The storage of a table at `s3://bucket/prefix`. Region, credentials and, for tests, AWS_ENDPOINT_URL come from the
 * environment.
 * @throws DeltaError when the URL is wrong
 */
export function s3Store(url: string): ObjectStore {
  const [, bucket, path = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+([^?#]*[^?#/]))?\/*$/.exec(url) ?? [];
  if (bucket === undefined) {
    throw new DeltaError(`"${url}" is no place on S3: use s3://bucket/prefix.`);
  }
  const place = { client: clientOf(), bucket, prefix: path === '' ? '' : `${path}/` };
  const named = (key: string) => `s3://${bucket}/${place.prefix}${key}`;
  return {
    name: `s3://${bucket}/${path}`.replace(/\/$/, ''),
    read: (key) => ask(`read ${named(key)}`, () => read(place, key)),
    open: (key) => ask(`read ${named(key)}`, () => openObject(place, key)),
    list: (folder) => ask(`list ${named(folder)}`, () => list(place, folder)),
    listFolders: (folder) => ask(`list ${named(folder)}`, () => listFolders(place, folder)),
    putIfAbsent: (key, bytes) => ask(`write ${named(key)}`, () => putIfAbsent(place, key, bytes)),
    put: (key, bytes) => ask(`write ${named(key)}`, () => put(place, key, bytes)),
    create: async (key) => create((bytes) => ask(`write ${named(key)}`, () => put(place, key, bytes))),
    remove: (key) => ask(`remove ${named(key)}`, () => remove(place, key)),
  };
}

const clients = new Map<string, S3Client>();

/** One client for all tables of an endpoint: its connections are used again. */
function clientOf(): S3Client {
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? '';
  const known = clients.get(endpoint);
  if (known !== undefined) {
    return known;
  }
  const client = new S3Client({ maxAttempts: 5, forcePathStyle: endpoint !== '' });
  clients.set(endpoint, client);
  return client;
}

async function read({ client, bucket, prefix }: Place, key: string): Promise<Uint8Array | undefined> {
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

async function openObject({ client, bucket, prefix }: Place, key: string): Promise<ObjectReader> {
  const object = { Bucket: bucket, Key: prefix + key };
  const { ContentLength: size = 0 } = await client.send(new HeadObjectCommand(object));
  return {
    size,
    read: (start, end) =>
      ask(`read s3://${bucket}/${prefix}${key}`, async () => {
        const range = { ...object, Range: `bytes=${start}-${end - 1}` };
        const { Body } = await client.send(new GetObjectCommand(range));
        return new Uint8Array((await Body?.transformToByteArray()) ?? []);
      }),
    close: async () => {},
  };
}

async function list(place: Place, folder: string): Promise<ObjectMeta[]> {
  const files: ObjectMeta[] = [];
  for await (const { inside, Contents = [] } of pages(place, folder)) {
    for (const { Key = '', Size = 0, LastModified } of Contents) {
      if (Key !== inside) {
        files.push({ name: Key.slice(inside.length), size: Size, modified: LastModified?.getTime() ?? 0 });
      }
    }
  }
  return files;
}

async function listFolders(place: Place, folder: string): Promise<string[]> {
  const folders: string[] = [];
  for await (const { inside, CommonPrefixes = [] } of pages(place, folder)) {
    folders.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(inside.length, -1)));
  }
  return folders;
}

async function* pages({ client, bucket, prefix }: Place, folder: string) {
  const inside = `${prefix}${folder === '' ? '' : `${folder}/`}`;
  let token: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: inside, Delimiter: '/', ContinuationToken: token }),
    );
    yield { ...page, inside };
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/**
 * The client asks again where an answer was lost, and is then told that the object is there: it may be its own. Whoever
 * writes must therefore make its bytes unlike those of others.
 */
async function putIfAbsent(place: Place, key: string, bytes: Uint8Array): Promise<boolean> {
  const { client, bucket, prefix } = place;
  const object = { Bucket: bucket, Key: prefix + key, Body: bytes, IfNoneMatch: '*' };
  for (;;) {
    try {
      await client.send(new PutObjectCommand(object));
      return true;
    } catch (error) {
      const there = await read(place, key);
      if (there !== undefined) {
        return Buffer.compare(there, bytes) === 0;
      }
      // Another's put was under way and has not ended well: the name is free.
      if (nameOf(error) !== 'ConditionalRequestConflict') {
        throw error;
      }
    }
  }
}

async function put({ client, bucket, prefix }: Place, key: string, bytes: Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: bytes }));
}

async function remove({ client, bucket, prefix }: Place, key: string): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key }));
}

/** Gathered in memory and put at once: an object of a table is some hundred megabytes at most. */
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

async function ask<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DeltaError) {
      throw error;
    }
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new DeltaError(
      `Could not ${doing}: ${said.replace(/\.?$/, '.')} Check the bucket’s name, its region, and that ` +
        's3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject are allowed.',
      { cause: error },
    );
  }
}
