/** Landing files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a landing file below a folder: lines, each with its line end, or a content as it is. */
export async function land(
  landing: string,
  path: string,
  content: readonly string[] | string | Uint8Array,
): Promise<void> {
  const file = join(landing, path);
  await mkdir(dirname(file), { recursive: true });
  const isWhole = typeof content === 'string' || content instanceof Uint8Array;
  await writeFile(file, isWhole ? content : content.map((line) => `${line}\n`).join(''));
}
