/** Keeps other pages in the same browser from reading or controlling a server on this machine. */

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Accepts a Host header that is an address, `localhost`, or the name that is listened on. Any other name may be an
 * attacker's that points at this machine (DNS rebinding); an address cannot be.
 */
export function isOurHost(header: string | undefined, listeningOn: string): boolean {
  const name = hostname(`http://${header ?? ''}`);
  return name !== null && (isIP(withoutBrackets(name)) !== 0 || name === 'localhost' || name === listeningOn);
}

/**
 * Accepts a request from this server's own page or from no page at all. Browsers send Origin with every POST, and send
 * JSON to another origin only after a CORS preflight, which is not granted here.
 */
export function isOurOrigin({ origin, host = '' }: Pick<IncomingHttpHeaders, 'origin' | 'host'>): boolean {
  return origin === undefined || origin === `http://${host}`;
}

function hostname(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}

/** Strips the brackets that URLs put around IPv6 addresses. */
function withoutBrackets(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1');
}
