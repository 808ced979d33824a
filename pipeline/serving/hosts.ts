/** Keeps pages of other sites, open in a browser on this machine, from using a server here. */

import type { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { hostname as machineName } from 'node:os';

/** The names that a server answers to. */
export interface ServedNames {
  /** The address or name that it listens on. */
  readonly host: string;
  /** Further names, such as that of a load balancer. */
  readonly names?: readonly string[];
  /** A server with TLS also answers to the names of its certificate. */
  readonly certificate?: X509Certificate | undefined;
}

/**
 * Accepts a Host header that is an address, `localhost`, this machine's name, or a name that the server was given. Any
 * other name may be an attacker's that points at this machine (DNS rebinding); an address cannot be.
 */
export function isOurHost(
  header: string | undefined,
  { host, names = [], certificate }: ServedNames,
): boolean {
  const name = hostname(`http://${header ?? ''}`);
  if (name === null) {
    return false;
  }
  return (
    isIP(withoutBrackets(name)) !== 0 ||
    ['localhost', host, machineName(), ...names].some((known) => known.toLowerCase() === name) ||
    certificate?.checkHost(name) !== undefined
  );
}

/**
 * Accepts a request from this server's own page or from no page at all. Browsers send Origin with every POST, and send
 * JSON to another origin only after a CORS preflight, which is not granted here.
 */
export function isOurOrigin(
  { origin, host = '' }: Pick<IncomingHttpHeaders, 'origin' | 'host'>,
  scheme: 'http' | 'https',
): boolean {
  return origin === undefined || origin === `${scheme}://${host}`;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Tells whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

function hostname(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}

/** Strips the brackets that URLs put around IPv6 addresses. */
function withoutBrackets(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1');
}
