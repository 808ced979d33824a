/** Atomic file writes and durable directory entries. */
import { lstat, mkdir, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode, StorageError, withFileErrors } from './error.ts';

/** Makes a folder's entries safe against a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder, and those above it that are missing. Node's recursive `mkdir` does the same, but where a system denies a
 * folder as /proc does, it tries for ever, and on a read-only disk it says that there is no such file.
 * @throws StorageError for what the system refuses
 */
export function makeFolders(folder: string): Promise<void> {
  return withFileErrors(`make the folder ${folder}`, () => makeFolderAndAbove(folder));
}

async function makeFolderAndAbove(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    const above = dirname(folder);
    if (errorCode(error) !== 'ENOENT' || above === folder) {
      throw error;
    }
    await makeFolderAndAbove(above);
    await makeFolder(folder).catch((cause) => {
      throw errorCode(cause) === 'ENOENT'
        ? new StorageError(
            `Could not make the folder ${folder}: its file system takes none. Choose a folder on another one.`,
            { cause },
          )
        : cause;
    });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
      throw error;
    }
  }
}

/**
 * Writes a file for people, or replaces one: readers see the old one or all of the new one. Makes its folder. A symbolic link
 * is followed, and what is not a regular file (a pipe, a terminal, /dev/stdout) is written into, never replaced.
 * @param content string, or parts of it, of which some may be UTF-8
 */
export async function replaceFile(
  file: string,
  content: string | readonly (string | Uint8Array)[],
): Promise<void> {
  const output = standardOutput(file);
  if (output !== undefined) {
    // Opened again, a redirected output would be truncated, and be written to at two positions.
    await new Promise<void>((written) => output.write(bytesOf(content), () => written()));
    return;
  }
  await withFileErrors(`write ${file}`, () => writeOrReplace(file, content));
}

async function writeOrReplace(
  file: string,
  content: string | readonly (string | Uint8Array)[],
): Promise<void> {
  const target = await targetOf(file);
  if (target === undefined) {
    await writeFile(file, content);
    return;
  }
  const unfinished = `${target}.${process.pid}.unfinished`;
  try {
    await makeFolders(dirname(target));
    await writeFile(unfinished, content);
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

function standardOutput(file: string): NodeJS.WriteStream | undefined {
  switch (resolve(file)) {
    case '/dev/stdout':
    case '/dev/fd/1':
    case '/proc/self/fd/1':
      return process.stdout;
    case '/dev/stderr':
    case '/dev/fd/2':
    case '/proc/self/fd/2':
      return process.stderr;
    default:
      return undefined;
  }
}

function bytesOf(content: string | readonly (string | Uint8Array)[]): string | Buffer {
  return typeof content === 'string' ? content : Buffer.concat(content.map((part) => Buffer.from(part)));
}

/** The regular file that a path leads to, or will; undefined for what must not be replaced. */
async function targetOf(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).isFile() ? await realpath(file) : undefined;
  } catch {
    // A link to nothing is followed too, by whoever opens it for writing.
    return (await lstat(file).catch(() => undefined))?.isSymbolicLink() === true ? undefined : file;
  }
}
