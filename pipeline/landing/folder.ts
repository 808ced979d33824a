/** Landing files in a folder: written under another name, made safe on disk, and then given their own. */

import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../storage/durable_files.ts';
import { lockForWriting } from '../storage/lock.ts';
import { type LandingStore, lineEndsIn } from './landing.ts';
import { landingPartition } from './layout.ts';
import { LandingError } from './reader.ts';

/** No landing file is called so: who reads the folder passes over it. */
const unfinished = '.tmp';

/** Opens a folder, which is made if it is not there, for one sink at a time. @throws LandingError */
export async function openFolderLanding(folder: string): Promise<LandingStore> {
  const doing = `The landing folder ${folder} cannot be written to`;
  const lock = await orLandingError(doing, async () => {
    await mkdir(join(folder, 'topics'), { recursive: true });
    return lockForWriting({ folder, fileName: '.sink.lock', what: 'landing folder' });
  });
  return {
    list: (topic, partition) => orLandingError(`Listing ${folder}`, () => list(folder, topic, partition)),
    countLines: (path) =>
      orLandingError(`Reading ${path} in ${folder}`, () => countLines(join(folder, path))),
    write: (path, parts) =>
      orLandingError(`Writing ${path} in ${folder}`, () => write(join(folder, path), parts)),
    close: async () => lock.release(),
  };
}

async function list(folder: string, topic: string, partition: number): Promise<string[]> {
  const inside = landingPartition(topic, partition);
  const absolute = join(folder, inside);
  await mkdir(absolute, { recursive: true });
  const names = await readdir(absolute);
  // What a killed sink left; its records are still in the log.
  for (const name of names) if (name.endsWith(unfinished)) await rm(join(absolute, name));
  return names.filter((name) => !name.endsWith(unfinished)).map((name) => `${inside}/${name}`);
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path)) lines += lineEndsIn(chunk);
  return lines;
}

async function write(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const aside = `${path}${unfinished}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(aside, 'w');
    try {
      for (let at = 0; at < parts.length; at += partsAtOnce) {
        const bytes = Buffer.concat(parts.slice(at, at + partsAtOnce));
        await file.writeFile(bytes);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

const partsAtOnce = 4096;

async function orLandingError<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const advice =
      code === 'ENOSPC'
        ? ' The disk is full: free space and start again; nothing is lost, the log still has it.'
        : '';
    const said = error instanceof Error ? error.message : String(error);
    throw new LandingError(`${doing}: ${said.replace(/\.?$/, '.')}${advice}`, { cause: error });
  }
}
