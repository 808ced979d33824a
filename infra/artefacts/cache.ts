/** The folder where `npm run artefacts` leaves what it fetched, and from which `pulumi up` uploads it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Artefact } from './table.ts';

/** `.artefacts` at the top of the repo, which git ignores; PINTEREST_ARTEFACTS names another. */
export const artefactsFolder =
  process.env.PINTEREST_ARTEFACTS ?? fileURLToPath(new URL('../../.artefacts', import.meta.url));

/** An artefact's file is missing, or is not what was pinned. */
export class ArtefactError extends Error {
  override readonly name = 'ArtefactError';
}

/** The SHA-256 of a file, in hexadecimal. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** @throws ArtefactError when the digest is not the pinned one */
export function checkDigest(artefact: Artefact, digest: string, where: string): void {
  if (artefact.sha256 !== undefined && artefact.sha256 !== digest) {
    throw new ArtefactError(
      `${where} is not ${artefact.name} ${artefact.version} as pinned: its SHA-256 is ${digest}, and ` +
        `infra/artefacts/digests.json says ${artefact.sha256}. Find out why before using it.`,
    );
  }
}
