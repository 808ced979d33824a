/** The real command is killed at random moments while records come; every record is landed once. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseLandingFile } from '../../../pipeline/landing/layout.ts';
import { runSink } from '../../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';

const rounds = Number(process.env.CRASH_ROUNDS ?? 6);
const program = fileURLToPath(new URL('../../../pipeline/commands/sink.ts', import.meta.url));
const topics = ['pin', 'geo', 'user'];
const partitions = 2;

function landingFiles(landing: string): string[] {
  const found = readdirSync(join(landing, 'topics'), { recursive: true, encoding: 'utf8' });
  return found.filter((path) => path.endsWith('.json')).map((path) => `topics/${path}`);
}

it('a sink that is killed again and again lands every record once, in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-sink-'));
  const landing = join(folder, 'lake');
  const log = await EmbeddedLog.open(join(folder, 'log'));
  const seed = Date.now();
  let written = 0;
  const write = async (): Promise<void> => {
    for (const topic of topics) {
      const records = Array.from({ length: 40 }, (_, index) => ({
        value: Buffer.from(`{"n":${written + index}}`),
      }));
      await log.append(topic, records);
    }
    written += 40;
  };
  try {
    for (const topic of topics) await log.createTopic(topic, partitions);
    await write();
    for (let round = 0; round < rounds; round++) {
      const before = round === 0 ? 0 : landingFiles(landing).length;
      const files = before + 1 + ((seed * (round + 3)) % 50);
      const child = spawn(
        process.execPath,
        [
          '--import',
          'tsx',
          program,
          '--from',
          `embedded:${join(folder, 'log')}`,
          '--landing',
          landing,
        ].concat(['--flush-size', String(5 + (seed % 20)), '--rotate-seconds', '0.02']),
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      const ended = new Promise((resolve) => child.once('close', resolve));
      while (child.exitCode === null) {
        await write();
        await turn();
        if ((safely(() => landingFiles(landing))?.length ?? 0) >= files) break;
      }
      child.kill('SIGKILL');
      await ended;
    }
    const sink = runSink({ log, topics, landing });
    await sink.drain();
    await sink.stop();

    for (const topic of topics) {
      for (let partition = 0; partition < partitions; partition++) {
        expect(landed(landing, topic, partition), `${topic}/${partition}, seed ${seed}`).toEqual(
          await logged(log, topic, partition),
        );
      }
    }
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
}, 240_000);

/** Lines of a partition's files in the order of their names, and that each name is the offset of its first line. */
function landed(landing: string, topic: string, partition: number): string[] {
  const names = landingFiles(landing).map((path) => ({ path, name: parseLandingFile(path) }));
  const ours = names.flatMap(({ path, name }) =>
    name?.topic === topic && name.partition === partition
      ? [{ path, firstOffset: Number(name.firstOffset) }]
      : [],
  );
  const lines: string[] = [];
  for (const { path, firstOffset } of ours.sort((a, b) => a.firstOffset - b.firstOffset)) {
    expect(firstOffset, path).toBe(lines.length);
    const text = readFileSync(join(landing, path), 'utf8');
    expect(text.endsWith('\n'), path).toBe(true);
    lines.push(...text.slice(0, -1).split('\n'));
  }
  return lines;
}

async function logged(log: EmbeddedLog, topic: string, partition: number): Promise<string[]> {
  const values: string[] = [];
  let at = '0';
  for (let behind: number | null = 1; behind !== 0; ) {
    const read = await log.read(topic, String(partition), at, {
      maximumBytes: 1_000_000,
      waitMilliseconds: 0,
    });
    values.push(...read.records.map(({ value }) => Buffer.from(value).toString()));
    at = read.next;
    behind = read.recordsBehind;
  }
  return values;
}

function safely<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    // A file that was given its name while the folder was listed, or no folder yet.
    return null;
  }
}
