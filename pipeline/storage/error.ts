/** An error of the storage: which file or folder, what failed, and what to do. */
export class StorageError extends Error {
  override readonly name: string = 'StorageError';
}

/** Another process, or another writer of this one, holds a lock. */
export class LockedError extends StorageError {
  override readonly name = 'LockedError';
}

/** The operating system's code of an error, for example `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Runs file work. @throws StorageError for what the system refuses: what could not be done, and why */
export async function withFileErrors<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOfSystem = error instanceof Error && 'errno' in error;
    const reason = reasons[errorCode(error) ?? ''] ?? (isOfSystem ? `${error.message}.` : undefined);
    throw reason === undefined ? error : new StorageError(`Could not ${doing}: ${reason}`, { cause: error });
  }
}

const reasons: Readonly<Record<string, string | undefined>> = {
  ENOENT: 'there is no such file or folder.',
  EACCES: 'permission denied. Give the user who runs this the right to read and write there.',
  EPERM: 'the operation is not permitted there. Writing needs a file system with hard links.',
  ENOTSUP: 'the file system has no hard links, which writing needs. Choose a folder on another one.',
  EROFS: 'the file system is read-only. Choose a folder that can be written.',
  ENOSPC: 'the disk is full. Free some space; what was committed before is untouched.',
  EDQUOT: 'the disk quota is used up. Free some space; what was committed before is untouched.',
  EFBIG: 'the file would be larger than this user may write. Raise the limit (ulimit -f).',
  EIO: 'the device failed. Look into the log of the system.',
  EISDIR: 'it is a folder. Name a file.',
  EEXIST: 'a file is in the way.',
  ENOTDIR: 'a part of the path is a file, not a folder. Choose another folder.',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n).',
};
