/**
 * The checkpoint of one stream: `<checkpoints>/<stream>/checkpoint.json` names the application that commits, and holds the
 * micro-batch that was begun last. Where the stream stands is in the lake; this is only needed to commit nothing twice.
 */
import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../storage/durable_files.ts';
import { withFileErrors } from '../storage/error.ts';
import { localStore } from '../storage/local.ts';
import { lockForWriting, type WriterLock } from '../storage/lock.ts';
import { checkpointSchema, type MicroBatch } from './batch_record.ts';

const fileName = 'checkpoint.json';

export class Checkpoint {
  private constructor(
    private readonly folder: string,
    private readonly lock: WriterLock,
    /** Belongs to this folder alone. */
    readonly appId: string,
    /** The micro-batch that was written last, perhaps not committed; null when there is none. */
    private last: MicroBatch | null,
  ) {}

  /**
   * Opens the checkpoint of a stream, or makes one. A damaged one is put aside and another made, under another name: where
   * the stream stands is in the lake's commits.
   * @throws LockedError when another process uses it, StorageError when the disk refuses
   */
  static async open(
    checkpoints: string,
    stream: string,
    onNotice: (notice: string) => void,
  ): Promise<Checkpoint> {
    const folder = join(checkpoints, stream);
    await makeFolders(folder);
    const lock = lockForWriting({ folder, fileName: 'stream.lock', what: 'checkpoint' });
    try {
      await removeUnfinished(folder);
      const existing = await readCheckpoint(folder, onNotice);
      if (existing !== null) {
        return new Checkpoint(folder, lock, existing.appId, existing.ahead);
      }
      const made = new Checkpoint(folder, lock, `pinterest-pipeline/${stream}/${randomUUID()}`, null);
      await made.write();
      return made;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get ahead(): MicroBatch | null {
    return this.last;
  }

  /** Says what is about to be committed; on disk when this resolves. */
  async writeAhead(batch: MicroBatch): Promise<void> {
    this.last = batch;
    await this.write();
  }

  release(): void {
    this.lock.release();
  }

  private async write(): Promise<void> {
    const content = `${JSON.stringify({ appId: this.appId, ahead: this.last })}\n`;
    await localStore(this.folder).put(fileName, Buffer.from(content));
  }
}

/** Removes what a killed process has written of a checkpoint. */
async function removeUnfinished(folder: string): Promise<void> {
  const store = localStore(folder);
  const files = await store.list('');
  await Promise.all(files.filter(({ name }) => name.endsWith('.tmp')).map(({ name }) => store.remove(name)));
}

async function readCheckpoint(folder: string, onNotice: (notice: string) => void) {
  const bytes = await localStore(folder).read(fileName);
  if (bytes === undefined) {
    return null;
  }
  try {
    return checkpointSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    const file = join(folder, fileName);
    const aside = `${file}.damaged.${Date.now()}`;
    await withFileErrors(`rename ${file}`, () => rename(file, aside));
    onNotice(
      `The checkpoint ${file} is damaged: it is now ${aside}. The stream goes on where the lake's commits say.`,
    );
    return null;
  }
}
