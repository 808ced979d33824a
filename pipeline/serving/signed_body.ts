/** Bodies of requests whose headers were signed, and with them the hash of the body that is yet to come. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { UnknownCaller } from './refused.ts';

const hashes = new WeakMap<IncomingMessage, string>();

/** @param sha256 hexadecimal */
export function expectBody(request: IncomingMessage, sha256: string): void {
  hashes.set(request, sha256);
}

/** @throws UnknownCaller for a body that is not the one that was signed */
export function requireSignedBody(request: IncomingMessage, body: Buffer): void {
  const expected = hashes.get(request);
  if (expected !== undefined && createHash('sha256').update(body).digest('hex') !== expected) {
    throw new UnknownCaller();
  }
}
