import type { ObjectReader, ObjectStore, ObjectWriter } from '../../pipeline/storage/object_store.ts';

/** The process is no more: nothing that it would still have done happens. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** The failure of a step: not done, done but unanswered, or out of space. */
export type Failure = 'before' | 'after' | 'full';

/** A storage, and how many steps were taken on it. */
export interface FailingStorage extends ObjectStore {
  readonly steps: number;
}

/**
 * A storage whose step of a number fails: as when the process is killed before or after it, after which there are no
 * more steps; or, when the disk is full, every step that writes from there on, while others go on.
 */
export function failingStorage(inner: ObjectStore, failsAt: number, failure: Failure): FailingStorage {
  let steps = 0;
  /** Closes the files that are open; what was written into them stays. */
  const open = new Set<() => Promise<void>>();
  const kill = async (message: string): Promise<never> => {
    for (const close of open) {
      open.delete(close);
      await close();
    }
    throw new Killed(message);
  };
  const step = async <T>(work: () => Promise<T>, writes: boolean): Promise<T> => {
    steps += 1;
    if (failure === 'full') {
      if (steps >= failsAt && writes) {
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      }
      return work();
    }
    if (steps > failsAt || (steps === failsAt && failure === 'before')) {
      return kill(`killed at step ${failsAt}`);
    }
    const result = await work();
    if (steps === failsAt) {
      return kill(`killed after step ${failsAt}`);
    }
    return result;
  };
  const create = async (path: string): Promise<ObjectWriter> => {
    const file = await inner.create(path);
    const close = () => file.finish();
    open.add(close);
    const end = (work: () => Promise<void>) => () => {
      open.delete(close);
      return work();
    };
    return {
      write: (bytes) => step(() => file.write(bytes), true),
      finish: () =>
        step(
          end(() => file.finish()),
          true,
        ),
      abandon: () =>
        step(
          end(() => file.abandon()),
          false,
        ),
    };
  };
  const openToRead = async (path: string, size?: number): Promise<ObjectReader> => {
    const file = await inner.open(path, size);
    const close = () => file.close();
    open.add(close);
    return {
      size: file.size,
      read: (start, end) => file.read(start, end),
      close: async () => {
        if (open.delete(close)) {
          await close();
        }
      },
    };
  };
  return {
    name: inner.name,
    get steps() {
      return steps;
    },
    read: (path) => step(() => inner.read(path), false),
    open: (path, size) => step(() => openToRead(path, size), false),
    list: (folder, options) => step(() => inner.list(folder, options), false),
    listFolders: (folder) => step(() => inner.listFolders(folder), false),
    putIfAbsent: (path, bytes) => step(() => inner.putIfAbsent(path, bytes), true),
    put: (path, bytes) => step(() => inner.put(path, bytes), true),
    create: (path) => step(() => create(path), true),
    remove: (path) => step(() => inner.remove(path), false),
  };
}
