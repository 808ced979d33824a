/** Fetches artefacts into a folder, each once, and only what its digest says it is. */
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolders } from '../../pipeline/storage/durable_files.ts';
import { ArtefactError, checkDigest, digestOf } from './cache.ts';
import type { Artefact } from './table.ts';

export interface Fetching {
  readonly folder: string;
  /** Gets a URL; `fetch` unless a test says otherwise. */
  readonly get: (url: string) => Promise<Response>;
  /** Take a file that has no digest yet, and say what its digest is. */
  readonly pin: boolean;
  readonly say: (line: string) => void;
}

/**
 * Makes sure that every artefact is in the folder.
 * @returns the digests of those that had none, by file name
 * @throws ArtefactError when one cannot be had, is not what was pinned, or has no digest and may not be pinned
 */
export async function fetchArtefacts(
  artefacts: readonly Artefact[],
  fetching: Fetching,
): Promise<Readonly<Record<string, string>>> {
  await makeFolders(fetching.folder);
  const learnt: Record<string, string> = {};
  for (const artefact of artefacts) {
    const digest = await fetchOne(artefact, fetching);
    if (artefact.sha256 === undefined) {
      learnt[artefact.file] = digest;
    }
  }
  return learnt;
}

async function fetchOne(artefact: Artefact, fetching: Fetching): Promise<string> {
  const { name, version, file, url, licence, sha256 } = artefact;
  const path = join(fetching.folder, file);
  if (sha256 === undefined && !fetching.pin) {
    throw new ArtefactError(
      `Nobody has recorded the SHA-256 of ${file}: npm run artefacts -- --pin takes it from ${url} as it is today ` +
        'and writes its digest to infra/artefacts/digests.json, for you to compare with its makers’ and commit.',
    );
  }
  if (existsSync(path)) {
    const digest = await digestOf(path);
    checkDigest(artefact, digest, path);
    fetching.say(`${name} ${version}: there already`);
    return digest;
  }
  fetching.say(`${name} ${version} (${licence}) from ${url}`);
  // Under another name until it is known to be right: a broken download must not look like a file.
  const partial = `${path}.partial`;
  try {
    await download(artefact, partial, fetching);
    const digest = await digestOf(partial);
    checkDigest(artefact, digest, url);
    await rename(partial, path);
    return digest;
  } finally {
    await rm(partial, { force: true });
  }
}

async function download({ name, url }: Artefact, path: string, { get }: Fetching): Promise<void> {
  const response = await get(url).catch((error: unknown) => {
    throw new ArtefactError(`${name} could not be fetched from ${url}.`, { cause: error });
  });
  if (!response.ok || response.body === null) {
    throw new ArtefactError(`${name} could not be fetched: ${url} answers ${response.status}.`);
  }
  await pipeline(chunksOf(response.body), createWriteStream(path));
}

async function* chunksOf(body: NonNullable<Response['body']>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    yield chunk.value;
  }
}
