/** A folder. What was written is on disk, and its name too, before its promise resolves. */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import {
  type FileHandle,
  link,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  unlink,
  utimes,
} from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { makeFolders, syncFolder } from './durable_files.ts';
import { errorCode, StorageError, withFileErrors } from './error.ts';
import type { ListOptions, ObjectMeta, ObjectReader, ObjectStore, ObjectWriter } from './object_store.ts';

/** The storage of a folder, which need not exist yet. */
export function localStore(folder: string): ObjectStore {
  const at = (path: string) => join(folder, path);
  return {
    name: folder,
    read: (path) => withFileErrors(`read ${at(path)}`, () => unlessMissing(readFile(at(path)), undefined)),
    open: (path) => withFileErrors(`read ${at(path)}`, () => openFile(at(path))),
    list: (path, options) => withFileErrors(`list ${at(path)}`, () => list(at(path), options)),
    listFolders: (path) => withFileErrors(`list ${at(path)}`, () => listFolders(at(path))),
    putIfAbsent: (path, bytes) => withFileErrors(`write ${at(path)}`, () => putIfAbsent(at(path), bytes)),
    put: (path, bytes, modified) => withFileErrors(`write ${at(path)}`, () => put(at(path), bytes, modified)),
    create: (path) => withFileErrors(`write ${at(path)}`, () => create(at(path))),
    remove: (path) => withFileErrors(`remove ${at(path)}`, () => unlessMissing(unlink(at(path)), undefined)),
  };
}

async function unlessMissing<T, Missing>(work: Promise<T>, missing: Missing): Promise<T | Missing> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return missing;
    }
    throw error;
  }
}

async function openFile(file: string): Promise<ObjectReader> {
  const handle = await open(file, 'r');
  const { size } = await handle.stat();
  return {
    size,
    read: async (start, end) => {
      const bytes = new Uint8Array(end - start);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, start + length);
        if (bytesRead === 0) {
          break;
        }
        length += bytesRead;
      }
      return length === bytes.length ? bytes : bytes.slice(0, length);
    },
    close: () => handle.close(),
  };
}

/** @param within real paths of the folders that links were followed from, for finding cycles */
async function list(
  folder: string,
  { recursive = false, followLinks, startAfter }: ListOptions = {},
  within: readonly string[] = [],
): Promise<ObjectMeta[]> {
  const entries = await unlessMissing(readdir(folder, { withFileTypes: true, recursive }), []);
  const found: ObjectMeta[] = [];
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const name = relative(folder, file).split(sep).join('/');
    const isLink = entry.isSymbolicLink() && followLinks?.(name) === true;
    if (!(entry.isFile() || entry.isDirectory() || entry.isSymbolicLink()) && followLinks?.(name) === true) {
      throw new StorageError(`Could not list ${folder}: ${file} is a pipe, socket or device. Remove it.`);
    }
    if (
      !(entry.isFile() || isLink) ||
      (startAfter !== undefined && Buffer.compare(Buffer.from(name), Buffer.from(startAfter)) <= 0)
    ) {
      continue;
    }
    // As integers: a number would round a time right before a millisecond up to it. Another process may remove the file
    // meanwhile. Synchronously, for a thread of the pool costs more than the call, and there may be many files.
    const status = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (status === undefined && name.includes('\ufffd')) {
      throw new StorageError(`Could not list ${folder}: the name ${name} is not UTF-8. Rename the file.`);
    }
    if (status?.isFile()) {
      found.push({ name, size: Number(status.size), modified: Number(status.mtimeMs) });
    } else if (isLink && recursive) {
      const options = {
        recursive,
        followLinks: (below: string) => followLinks?.(`${name}/${below}`) === true,
      };
      for (const below of await listLinked(file, options, within)) {
        found.push({ ...below, name: `${name}/${below.name}` });
      }
    }
  }
  return found;
}

/** Lists the folder that a link leads to. @throws Error for a link to nothing, or to a folder that it is in itself */
async function listLinked(
  link: string,
  options: ListOptions,
  within: readonly string[],
): Promise<ObjectMeta[]> {
  const target = await unlessMissing(realpath(link), undefined);
  if (target === undefined) {
    throw new Error(`${link} is a link to nothing: remove it, or bring back what it leads to.`);
  }
  const followed = [...within, await realpath(dirname(link))];
  if (followed.some((folder) => `${folder}${sep}`.startsWith(`${target}${sep}`))) {
    throw new Error(`${link} is a link to ${target}, which it is in itself: remove it.`);
  }
  return list(link, options, followed);
}

async function listFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Written aside, made durable, and linked to its name, which fails when the name is taken. */
async function putIfAbsent(file: string, bytes: Uint8Array): Promise<boolean> {
  const aside = await writeAside(file, bytes);
  try {
    await link(aside, file);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    await unlessMissing(unlink(aside), undefined);
  }
  await syncFolder(dirname(file));
  return true;
}

async function put(file: string, bytes: Uint8Array, modified?: number): Promise<void> {
  const aside = await writeAside(file, bytes);
  try {
    if (modified !== undefined) {
      // Seconds as a float may lie right before a millisecond.
      await utimes(aside, (modified + 0.5) / 1000, (modified + 0.5) / 1000);
    }
    await rename(aside, file);
  } catch (error) {
    await unlessMissing(unlink(aside), undefined);
    throw error;
  }
  await syncFolder(dirname(file));
}

async function writeAside(file: string, bytes: Uint8Array): Promise<string> {
  await makeFolders(dirname(file));
  const aside = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  const handle = await open(aside, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
    return aside;
  } catch (error) {
    await discard(handle, aside);
    throw error;
  }
}

async function create(file: string): Promise<ObjectWriter> {
  await makeFolders(dirname(file));
  const handle = await open(file, 'wx');
  return {
    write: (bytes) => withFileErrors(`write ${file}`, () => handle.writeFile(bytes)),
    finish: () =>
      withFileErrors(`write ${file}`, async () => {
        await handle.sync();
        await handle.close();
        await syncFolder(dirname(file));
      }),
    abandon: () => discard(handle, file),
  };
}

async function discard(handle: FileHandle, file: string): Promise<void> {
  await handle.close();
  await unlessMissing(unlink(file), undefined);
}
