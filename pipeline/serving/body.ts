/** Reads the bodies of requests within a limit for each, and one for all that are under way. */
import type { IncomingMessage } from 'node:http';
import { Refused } from './refused.ts';
import { requireSignedBody } from './signed_body.ts';
import { TurnQueue } from './turn_queue.ts';

/** Bytes of each body that are taken whatever the others hold, so that large bodies never keep small ones out. */
const freeBytes = 64 * 1024;

/** Counts the bytes that requests under way hold in memory, until they are released. */
export class MemoryBudget {
  private readonly held = new Map<IncomingMessage, number>();
  private total = 0;

  constructor(private readonly maximumBytes: number) {}

  get heldBytes(): number {
    return this.total;
  }

  /** @throws Refused when requests under way hold too much already */
  hold(request: IncomingMessage, bytes: number): void {
    if (this.total + bytes > this.maximumBytes) {
      throw new Refused(503, 'The server holds as much as it can of other requests. Send this one again.', 1);
    }
    this.total += bytes;
    this.held.set(request, (this.held.get(request) ?? 0) + bytes);
  }

  /** Releases all that a request holds. */
  release(request: IncomingMessage): void {
    this.total -= this.held.get(request) ?? 0;
    this.held.delete(request);
  }
}

export interface BodyLimits {
  readonly maximumBytes: number;
  readonly budget: MemoryBudget;
}

/**
 * Bodies that have come wait for the processor, which parses, checks and appends them. One that is refused takes a small part of
 * the time of one that is taken: the loop gets through with more than it can take.
 */
const whole = new TurnQueue({ turnMilliseconds: 20, waitMilliseconds: 1000 });

/**
 * Reads a body. Its bytes are held until the caller releases the request: they wait for the log after they were read.
 * @throws Refused 413 or 503, or 403 where it is not the body that the caller has signed
 */
export function readBody(request: IncomingMessage, { maximumBytes, budget }: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    let held = 0;
    const end = (error: Error | null) => {
      request.off('data', take).off('end', onEnd).off('error', end).off('close', onClose);
      if (error !== null) {
        reject(error);
        return;
      }
      whole.enter(begin);
    };
    const begin = (isInTime: boolean) => {
      if (!isInTime) {
        reject(
          new Refused(503, 'More requests have come than the server can answer. Send this one again.', 1),
        );
        return;
      }
      if (request.socket.destroyed) {
        reject(cutOff());
        return;
      }
      const body = Buffer.concat(chunks, received);
      try {
        requireSignedBody(request, body);
        resolve(body);
      } catch (unsigned) {
        reject(unsigned);
      }
    };
    const onEnd = () => end(null);
    const onClose = () => end(cutOff());
    const take = (chunk: Buffer) => {
      received += chunk.length;
      try {
        if (received > maximumBytes) {
          throw new Refused(413, `The body is more than ${maximumBytes} bytes.`);
        }
        const more = Math.max(0, received - freeBytes) - held;
        if (more > 0) {
          budget.hold(request, more);
          held += more;
        }
        chunks.push(chunk);
      } catch (error) {
        chunks.length = 0;
        end(error instanceof Error ? error : new Error(String(error)));
      }
    };
    if (Number(request.headers['content-length']) > maximumBytes) {
      reject(new Refused(413, `The body is more than ${maximumBytes} bytes.`));
      return;
    }
    request.on('data', take).once('end', onEnd).once('error', end).once('close', onClose);
  });
}

function cutOff(): Refused {
  return new Refused(400, 'The request was cut off.');
}
