/**
 * Watches the memory of a stream, whose rows and answers grow with what comes: it says in time that the machine's end is near,
 * and ends the stream before the operating system would kill it.
 */
import { totalmem } from 'node:os';

/** Parts of the memory that this process may take. */
const warnedAt = 0.8;
const endedAt = 0.9;

/** The error for a stream whose state does not fit. Everything that it took is committed. */
class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

interface MemoryGuardOptions {
  /** Default: what the container or the machine has. */
  readonly memoryBytes?: number | undefined;
  readonly onNotice?: (notice: string) => void;
  /** Resident memory; tests pass another. */
  readonly usedBytes?: () => number;
}

export class MemoryGuard {
  private readonly limitBytes: number;
  private hasWarned = false;

  constructor(private readonly options: MemoryGuardOptions) {
    this.limitBytes = options.memoryBytes ?? availableBytes();
  }

  /** @throws OutOfMemoryError when nearly nothing is left */
  check(): void {
    const used = (this.options.usedBytes ?? process.memoryUsage.rss)();
    const part = used / this.limitBytes;
    if (part >= endedAt) {
      throw new OutOfMemoryError(
        `The stream takes ${mebibytes(used)} of ${mebibytes(this.limitBytes)} MiB and ends before it is killed; all that it took is ` +
          'committed. Start it on a machine with more memory (--memory-mebibytes says how much it may take), or with another lake.',
      );
    }
    if (part >= warnedAt && !this.hasWarned) {
      this.hasWarned = true;
      this.options.onNotice?.(
        `The stream takes ${mebibytes(used)} of ${mebibytes(this.limitBytes)} MiB. It will end at ${100 * endedAt} %: its rows and answers ` +
          'are kept in memory, about 0.7 kB a post. Move it to a machine with more.',
      );
    }
  }
}

/** The limit of the container, where it has one, or the machine's memory. */
function availableBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function mebibytes(bytes: number): string {
  return Math.round(bytes / 2 ** 20).toLocaleString('en');
}
