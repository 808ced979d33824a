/** Copies of data that an earlier commit wrote, and the commands that continue it. */
import { cp, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import type { LogRecord } from '../../pipeline/log/log.ts';
import { startEndpoint } from '../emulator/endpoint.ts';
import { temporaryFolder } from '../support/folder.ts';
import { recordsIn } from '../support/log_records.ts';
import { type Ended, runCommand } from '../support/process.ts';

const written = fileURLToPath(new URL('./written_by_956e7c2', import.meta.url));

/** The datasets by name, which is their topic's too; literal, so that another name in the code is noticed. */
export const names = ['pin', 'geo', 'user'] as const;

export const streamOf = (name: string): string => `streaming-${name}`;

/** The paths of a copy, laid out as `npm start --data` does. */
export interface OldData {
  readonly folder: string;
  readonly log: string;
  /** The lake of both paths, and the landing folder. */
  readonly lake: string;
  readonly checkpoints: string;
  /** Landing files, from the lake's folder. */
  readonly landingFiles: readonly string[];
}

/** Copies the data, with the times of the landing files, which git does not keep. */
export async function copyOfOldData(): Promise<OldData> {
  const folder = temporaryFolder('pinned');
  await cp(join(written, 'data'), folder, { recursive: true });
  const lake = join(folder, 'lake');
  const times: Record<string, number> = JSON.parse(
    await readFile(join(written, 'landing_times.json'), 'utf8'),
  );
  for (const [file, milliseconds] of Object.entries(times)) {
    // In seconds, and well behind the millisecond's start: a rounded number would lie before it.
    const time = (milliseconds + 0.5) / 1000;
    await utimes(join(lake, file), time, time);
  }
  return {
    folder,
    log: join(folder, 'log'),
    lake,
    checkpoints: join(folder, 'checkpoints'),
    landingFiles: Object.keys(times),
  };
}

/** Runs a command as a user does, in a folder. */
export function run(folder: string, ...command: readonly string[]): Promise<Ended> {
  return runCommand(command, { cwd: folder, timeout: 50_000 });
}

/** @throws Error with all that it has said, when it ends with another status than 0 */
export async function runWell(folder: string, command: string, ...options: readonly string[]) {
  const { status, output, errors } = await run(folder, command, ...options);
  if (status !== 0) {
    throw new Error(`${command} ended with ${status}: ${output}${errors}`);
  }
  return output;
}

/** All records of a topic or stream, by shard, from the first on. */
export async function recordsOf(
  folder: string,
  topic: string,
): Promise<Record<string, readonly LogRecord[]>> {
  const log = await EmbeddedLog.open(folder, { readOnly: true });
  try {
    const shards: Record<string, readonly LogRecord[]> = {};
    for (const { id } of await log.shards(topic)) {
      shards[id] = await recordsIn(log, topic, id);
    }
    return shards;
  } finally {
    await log.close();
  }
}

/** An HTTP API that refuses every post. */
export async function refusingApi(): Promise<string> {
  const { url, close } = await startEndpoint((_, response) => response.writeHead(400).end('{}'));
  onTestFinished(close);
  return url;
}
