/** Decides who may use a server. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { UnknownCaller } from './refused.ts';

/**
 * Names the caller of a request, for limits and metrics; the name holds nothing secret.
 * @throws UnknownCaller for a caller that is not let in
 */
export type Access = (request: IncomingMessage) => string | Promise<string>;

/** Lets everybody in, each known by its address. */
export const openAccess: Access = (request) => addressOf(request);

export function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'unknown';
}

/**
 * Lets those in who send one of some keys: as `x-api-key` like callers of API Gateway, as a bearer token like Prometheus, or as
 * the password of a browser's user.
 */
export function keyAccess(keys: readonly string[]): Access {
  const digests = keys.map(digestOf);
  return (request) => {
    const key = keyIn(request);
    if (key === undefined) {
      throw new UnknownCaller();
    }
    const digest = digestOf(key);
    // Every key is compared, and digests have one length: the time tells nothing of a key.
    const matches = digests.map((known) => timingSafeEqual(known, digest));
    const place = matches.indexOf(true);
    if (place < 0) {
      throw new UnknownCaller();
    }
    return `key ${place + 1}`;
  };
}

function keyIn({ headers }: IncomingMessage): string | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string') {
    return key;
  }
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(headers.authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return credentials;
    case 'basic':
      return Buffer.from(credentials, 'base64')
        .toString()
        .replace(/^[^:]*:/, '');
    default:
      return undefined;
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
