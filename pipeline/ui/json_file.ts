/** Output that programs read. */
import { replaceFile } from '../storage/durable_files.ts';

/** Writes a value as JSON: the whole file or none of it; `-` is standard output. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const json = `${JSON.stringify(value, null, 2)}\n`;
  if (file === '-') {
    process.stdout.write(json);
  } else {
    await replaceFile(file, json);
  }
}
