/** The real command is killed at random moments while records come; every record is landed once. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { parseLandingFile } from '../../../pipeline/landing/layout.ts';
import { runSink } from '../../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { crashSeed, killAt } from '../../support/kill.ts';
import { valuesIn } from '../../support/log_records.ts';
import { startCommand } from '../../support/process.ts';
import { Choices } from '../../support/random.ts';

const rounds = Number(process.env.CRASH_ROUNDS ?? 6);
const topics = ['pin', 'geo', 'user'];
const partitions = 2;

function landingFiles(landing: string): string[] {
  const found = readdirSync(join(landing, 'topics'), { recursive: true, encoding: 'utf8' });
  return found.filter((path) => path.endsWith('.json')).map((path) => `topics/${path}`);
}

it('a sink that is killed again and again lands every record once, in order', async () => {
  const folder = temporaryFolder('crash-sink');
  const landing = join(folder, 'lake');
  const log = await EmbeddedLog.open(join(folder, 'log'));
  const seed = crashSeed();
  const choices = new Choices(seed);
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
  for (const topic of topics) {
    await log.createTopic(topic, partitions);
  }
  await write();
  const options = ['--flush-size', String(5 + choices.below(20)), '--rotate-seconds', '0.02'];
  for (let round = 0; round < rounds; round++) {
    const from = `embedded:${join(folder, 'log')}`;
    const sink = startCommand(['sink', '--from', from, '--landing', landing, ...options]);
    let files = round === 0 ? 0 : landingFiles(landing).length;
    await killAt(1 + choices.below(50), sink, (moment) => {
      const watching = (async () => {
        while (!sink.hasEnded) {
          await write();
          await turn();
          const found = safely(() => landingFiles(landing))?.length ?? 0;
          for (; files < found; files++) {
            moment('file');
          }
        }
      })();
      return () => watching;
    });
  }
  const sink = runSink({ log, topics, landing });
  await sink.drain();
  await sink.stop();

  for (const topic of topics) {
    for (let partition = 0; partition < partitions; partition++) {
      expect(landed(landing, topic, partition), `${topic}/${partition}, seed ${seed}`).toEqual(
        await valuesIn(log, topic, String(partition)),
      );
    }
  }
  await log.close();
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

function safely<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    // A file that was given its name while the folder was listed, or no folder yet.
    return null;
  }
}
