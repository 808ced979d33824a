/** Storage that refuses what is asked of it: the error says so in words, and nothing waits for ever. */
import { readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { makeFolders } from '../../pipeline/storage/durable_files.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import { lockForWriting } from '../../pipeline/storage/lock.ts';
import { s3Store } from '../../pipeline/storage/s3.ts';
import { temporaryFolder } from '../support/folder.ts';
import { canMount, runOnReadOnlyDisk } from '../support/small_disk.ts';

describe('a folder', () => {
  it('is made with those above it, as often as one likes', async () => {
    const folder = temporaryFolder('refusals');
    const deep = join(folder, 'a', 'b', 'c');
    await Promise.all([makeFolders(deep), makeFolders(join(folder, 'a', 'd')), makeFolders(deep)]);
    await makeFolders(deep);
    await localStore(deep).put('file', Buffer.from('x'));
    await expect(makeFolders(join(deep, 'file'))).rejects.toThrow(/a file is in the way/);
    await expect(makeFolders(join(deep, 'file', 'e'))).rejects.toThrow(/a part of the path is a file/);
  });

  it('is refused in words where the system takes none', async () => {
    const store = localStore('/proc/no/folder');
    const bytes = Buffer.from('x');
    const puts = [
      () => store.put('a/b', bytes),
      () => store.putIfAbsent('a/b', bytes),
      () => store.create('a/b'),
    ];
    for (const put of puts) {
      await expect(put()).rejects.toThrow('Could not make the folder /proc/no: its file system takes none.');
    }
  });

  it.skipIf(!canMount)('is refused in words on a disk that cannot be written', async () => {
    const said = z
      .array(z.string())
      .parse(await runOnReadOnlyDisk('test/storage/read_only_process.ts', temporaryFolder('refusals')));
    expect(said.length).toBeGreaterThan(4);
    expect(said.filter((message) => !message.includes('the file system is read-only'))).toEqual([]);
  });
});

describe('S3', () => {
  it('without credentials says how to sign in', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE']) {
      vi.stubEnv(name, undefined);
    }
    const nowhere = temporaryFolder('refusals');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(nowhere, 'credentials'));
    vi.stubEnv('AWS_CONFIG_FILE', join(nowhere, 'config'));
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    // Another endpoint than other tests have: there is one client for each.
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
    try {
      const reading = s3Store({ bucket: 'bucket', prefix: 'lake' }).list('topics');
      await expect(reading).rejects.toThrow(
        /Could not list s3:\/\/bucket\/lake\/topics: Cred.*Sign in to AWS/,
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('a lock', () => {
  it('that was removed by hand, and is another’s by now, is left alone by its first holder', () => {
    const folder = temporaryFolder('refusals');
    const lock = { folder, fileName: 'a.lock', what: 'folder' };
    const first = lockForWriting(lock);
    rmSync(join(folder, 'a.lock'));
    const second = lockForWriting(lock);
    first.release();
    expect(() => lockForWriting(lock)).toThrow('is already written by process');
    second.release();
    lockForWriting(lock).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a put on S3', () => {
  it('ends when another put is said to be under way for ever', async () => {
    let puts = 0;
    const server = createServer((request, response) => {
      puts += request.method === 'PUT' ? 1 : 0;
      request.resume();
      const [status, code] =
        request.method === 'PUT' ? [409, 'ConditionalRequestConflict'] : [404, 'NoSuchKey'];
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code><Message>Try again.</Message></Error>`);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    try {
      const put = s3Store({ bucket: 'bucket', prefix: 'lake' }).putIfAbsent('a', Buffer.from('x'));
      await expect(put).rejects.toThrow(/Could not write s3:\/\/bucket\/lake\/a: ConditionalRequestConflict/);
      expect(puts).toBeGreaterThan(5);
    } finally {
      vi.unstubAllEnvs();
      server.close();
    }
  }, 30_000);
});
