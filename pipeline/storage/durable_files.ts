/** Atomic file writes and durable directory entries. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder's entries safe against a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes or replaces a file for people: readers see the old one or all of the new one. Makes its folder.
 * @param content a string, or parts of it, of which some may be UTF-8
 */
export async function replaceFile(
  file: string,
  content: string | readonly (string | Uint8Array)[],
): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(unfinished, content);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}
