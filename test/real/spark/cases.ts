/** Landing files for tests on Spark. */
import { land as landFile } from '../../support/landing.ts';

/** Landing files by path, from the landing folder on. */
export type Landing = Readonly<Record<string, Buffer>>;

/** Writes landing files below a folder. */
export async function land(folder: string, files: Landing): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await landFile(folder, path, content);
  }
}

/** One landing file of lines; the last one without a line end when `open`. */
export function landingFile(lines: readonly Buffer[], open = false): Buffer {
  const content = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  return open ? content.subarray(0, -1) : content;
}
