/** A process that is no more from one of its writes to the disk on: neither this nor a later one happens. */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

class Killed extends Error {
  override readonly name = 'Killed';
}

/** Runs work in which the write of a number, counted from 1, and all later ones fail. @returns the writes that were tried */
export async function killedAt(write: number, work: () => Promise<unknown>): Promise<number> {
  const { link, rename, unlink, open } = fs;
  let writes = 0;
  const count = (): void => {
    writes += 1;
    if (writes >= write) {
      throw new Killed(`killed at write ${write}`);
    }
  };
  const counted =
    <Arguments extends unknown[], Result>(call: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      count();
      return call(...given);
    };
  Object.assign(fs, {
    link: counted(link),
    rename: counted(rename),
    unlink: counted(unlink),
    open: async (...given: Parameters<typeof open>) => {
      if (given[1] !== 'r') {
        count();
      }
      return open(...given);
    },
  });
  syncBuiltinESMExports();
  try {
    await work().catch((error) => {
      if (writes < write) {
        throw error;
      }
    });
  } finally {
    Object.assign(fs, { link, rename, unlink, open });
    syncBuiltinESMExports();
  }
  return writes;
}
