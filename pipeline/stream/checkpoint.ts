/**
 * The checkpoint of one stream: `<checkpoints>/<stream>/checkpoint.json` names the application that commits, and holds the
 * micro-batch that was begun last. Where the stream stands is in the lake; this is only needed to commit nothing twice.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, withFileErrors } from '../delta/error.ts';
import { syncFolder } from '../storage/durable_files.ts';
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
   * @throws LogError `refused` when another process uses it, DeltaError when the disk refuses
   */
  static async open(
    checkpoints: string,
    stream: string,
    onNotice: (notice: string) => void,
  ): Promise<Checkpoint> {
    const folder = join(checkpoints, stream);
    await withFileErrors(`make the folder ${folder}`, () => mkdir(folder, { recursive: true }));
    const lock = lockForWriting({ folder, fileName: 'stream.lock', what: 'checkpoint' });
    try {
      const known = await readCheckpoint(join(folder, fileName), onNotice);
      if (known !== null) {
        return new Checkpoint(folder, lock, known.appId, known.ahead);
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
    const file = join(this.folder, fileName);
    await withFileErrors(`write ${file}`, async () => {
      const unfinished = `${file}.unfinished`;
      try {
        const handle = await open(unfinished, 'w');
        try {
          await handle.writeFile(`${JSON.stringify({ appId: this.appId, ahead: this.last })}\n`);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(unfinished, file);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      await syncFolder(this.folder);
    });
  }
}

async function readCheckpoint(file: string, onNotice: (notice: string) => void) {
  return withFileErrors(`read ${file}`, async () => {
    try {
      return checkpointSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        return null;
      }
      if (errorCode(error) !== undefined) {
        throw error;
      }
      const aside = `${file}.damaged.${Date.now()}`;
      await rename(file, aside);
      onNotice(
        `The checkpoint ${file} is damaged: it is now ${aside}. The stream goes on where the lake's commits say.`,
      );
      return null;
    }
  });
}
