/** The policy of pages that open from disk. */
import { createHash } from 'node:crypto';

/** Allows no network, and no scripts but those given, so that names in the data cannot run as one. */
export function contentSecurityPolicy(scripts: readonly (string | Uint8Array)[]): string {
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src ${scripts.map(sourceHash).join(' ')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function sourceHash(script: string | Uint8Array): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
}
