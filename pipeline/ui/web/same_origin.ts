/** Keeps other pages, open in the same browser, from reading or steering a server on this machine. */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Whether a Host header may name this server. An attacker's name can be made to point at this machine (DNS
 * rebinding), an address cannot: so an address, `localhost`, or the name that is listened on.
 */
export function isOurHost(header: string | undefined, listeningOn: string): boolean {
  const name = hostname(`http://${header ?? ''}`);
  return name !== null && (isIP(unbracketed(name)) !== 0 || name === 'localhost' || name === listeningOn);
}

/**
 * Whether a request that changes something comes from this server's own page, or from no page at all. Browsers send
 * Origin with every POST; and JSON, which is asked for, only after leave that is not given here.
 */
export function isOurOrigin({ origin, host = '' }: Pick<IncomingHttpHeaders, 'origin' | 'host'>): boolean {
  return origin === undefined || origin === `http://${host}`;
}

function hostname(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}

/** `[::1]` is written so in URLs. */
function unbracketed(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1');
}
