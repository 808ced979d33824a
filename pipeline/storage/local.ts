/** A folder. What was written is on disk, and its name too, before its promise resolves. */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { type FileHandle, link, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { makeFolders, syncFolder } from './durable_files.ts';
import { errorCode, withFileErrors } from './error.ts';
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
    put: (path, bytes) => withFileErrors(`write ${at(path)}`, () => put(at(path), bytes)),
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

async function list(
  folder: string,
  { recursive = false, startAfter }: ListOptions = {},
): Promise<ObjectMeta[]> {
  const entries = await unlessMissing(readdir(folder, { withFileTypes: true, recursive }), []);
  return entries.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const name = relative(folder, file).split(sep).join('/');
    if (
      !entry.isFile() ||
      (startAfter !== undefined && Buffer.compare(Buffer.from(name), Buffer.from(startAfter)) <= 0)
    ) {
      return [];
    }
    // As integers: a number would round a time right before a millisecond up to it. Another process may remove the file
    // meanwhile. Synchronously, for a thread of the pool costs more than the call, and there may be many files.
    const status = statSync(file, { bigint: true, throwIfNoEntry: false });
    return status === undefined
      ? []
      : [{ name, size: Number(status.size), modified: Number(status.mtimeMs) }];
  });
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

async function put(file: string, bytes: Uint8Array): Promise<void> {
  const aside = await writeAside(file, bytes);
  try {
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
