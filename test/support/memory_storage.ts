import { StorageError } from '../../pipeline/storage/error.ts';
import type { ObjectStore } from '../../pipeline/storage/object_store.ts';

/** The files of a table in memory, by path: to try thousands of cases, and to count what is asked. */
export type Files = Map<string, { readonly bytes: Uint8Array<ArrayBuffer>; readonly modified: number }>;

/** @param clock milliseconds since 1970 */
export function memoryStorage(files: Files, clock: () => number = Date.now): ObjectStore {
  const put = (path: string, bytes: Uint8Array) =>
    files.set(path, { bytes: new Uint8Array(bytes), modified: clock() });
  const inside = (folder: string) => {
    const prefix = folder === '' ? '' : `${folder}/`;
    return [...files].flatMap(([path, file]) =>
      path.startsWith(prefix) ? [{ path: path.slice(prefix.length), ...file }] : [],
    );
  };
  return {
    name: 'memory',
    read: async (path) => files.get(path)?.bytes,
    open: async (path) => {
      const file = files.get(path);
      if (file === undefined) {
        throw new StorageError(`Could not read ${path}: there is no such file or folder.`);
      }
      const { bytes } = file;
      return {
        size: bytes.length,
        read: async (start, end) => bytes.slice(start, end),
        close: async () => {},
      };
    },
    list: async (folder, { recursive = false, startAfter = '' } = {}) =>
      inside(folder).flatMap(({ path, bytes, modified }) =>
        (path.includes('/') && !recursive) || path <= startAfter
          ? []
          : [{ name: path, size: bytes.length, modified }],
      ),
    listFolders: async (folder) => [
      ...new Set(
        inside(folder).flatMap(({ path }) => (path.includes('/') ? (path.split('/')[0] ?? []) : [])),
      ),
    ],
    putIfAbsent: async (path, bytes) => {
      const isFree = !files.has(path);
      if (isFree) {
        put(path, bytes);
      }
      return isFree;
    },
    put: async (path, bytes) => {
      put(path, bytes);
    },
    create: async (path) => {
      const parts: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          parts.push(bytes.slice());
        },
        finish: async () => {
          put(path, Buffer.concat(parts));
        },
        abandon: async () => {
          files.delete(path);
        },
      };
    },
    remove: async (path) => {
      files.delete(path);
    },
  };
}
