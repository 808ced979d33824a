import type { ObjectStore, ObjectWriter } from '../../pipeline/storage/object_store.ts';

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
  const step = async <T>(work: () => Promise<T>, writes: boolean): Promise<T> => {
    steps += 1;
    if (failure === 'full') {
      if (steps >= failsAt && writes) {
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      }
      return work();
    }
    if (steps > failsAt || (steps === failsAt && failure === 'before')) {
      throw new Killed(`killed at step ${failsAt}`);
    }
    const result = await work();
    if (steps === failsAt) {
      throw new Killed(`killed after step ${failsAt}`);
    }
    return result;
  };
  const failingFile = (file: ObjectWriter): ObjectWriter => ({
    write: (bytes) => step(() => file.write(bytes), true),
    finish: () => step(() => file.finish(), true),
    abandon: () => step(() => file.abandon(), false),
  });
  return {
    name: inner.name,
    get steps() {
      return steps;
    },
    read: (path) => step(() => inner.read(path), false),
    open: (path, size) => step(() => inner.open(path, size), false),
    list: (folder, options) => step(() => inner.list(folder, options), false),
    listFolders: (folder) => step(() => inner.listFolders(folder), false),
    putIfAbsent: (path, bytes) => step(() => inner.putIfAbsent(path, bytes), true),
    put: (path, bytes) => step(() => inner.put(path, bytes), true),
    create: async (path) => failingFile(await step(() => inner.create(path), true)),
    remove: (path) => step(() => inner.remove(path), false),
  };
}
