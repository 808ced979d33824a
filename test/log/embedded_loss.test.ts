/** Files of an embedded log that somebody took away, before it was opened and while it is written. */

import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedLog, type EmbeddedSettings } from '../../pipeline/log/embedded.ts';
import { testFolder } from '../support/folder.ts';
import { append, failure } from './contract.ts';

const topic = 'pin';
const limits = { maximumBytes: 1024 * 1024, waitMilliseconds: 0 };
const folder = testFolder('embedded-loss');
const partition = join(folder, 'topics', topic, '0');
let opened: EmbeddedLog[];

beforeEach(() => {
  opened = [];
});

afterEach(async () => {
  for (const log of opened) {
    await log.close();
  }
});

async function open(settings: Partial<EmbeddedSettings> = {}): Promise<EmbeddedLog> {
  const log = await EmbeddedLog.open(folder, settings);
  opened.push(log);
  return log;
}

async function written(values: readonly string[], partitions = 1): Promise<EmbeddedLog> {
  const log = await open();
  await log.createTopic(topic, partitions);
  await append(log, topic, values);
  return log;
}

function removeSegments(): void {
  for (const name of readdirSync(partition).filter((name) => name.endsWith('.log'))) {
    rmSync(join(partition, name));
  }
}

describe('a partition of an embedded log whose segments are gone', () => {
  const lost = /0 holds no segment, but offsets before 2 were acknowledged.*Restore/;

  it('is refused by a writer, which would begin again at offset 0', async () => {
    await (await written(['first', 'second'])).close();
    removeSegments();
    const error = await failure(() => open());
    expect(error.code).toBe('damaged');
    expect(error.message).toMatch(lost);
    expect(readdirSync(partition)).toEqual(['high_watermark']);
  });

  it.each([
    ['without a writer', true],
    ['beside a writer', false],
  ])('is refused by a reader %s, though it has an end', async (_, isClosed) => {
    const log = await written(['first', 'second']);
    if (isClosed) {
      await log.close();
    }
    removeSegments();
    const reader = await open({ readOnly: true });
    expect((await failure(() => reader.earliest(topic, '0'))).message).toMatch(lost);
    expect((await failure(() => reader.read(topic, '0', '2', limits))).message).toMatch(lost);
  });

  it('is refused by a reader that was open before', async () => {
    await written(['first', 'second']);
    const reader = await open({ readOnly: true });
    expect(await reader.latest(topic, '0')).toBe('2');
    removeSegments();
    expect((await failure(() => reader.earliest(topic, '0'))).message).toMatch(lost);
    expect((await failure(() => reader.read(topic, '0', '0', limits))).message).toMatch(lost);
  });

  it('is empty where nothing was ever acknowledged', async () => {
    const log = await open();
    await log.createTopic(topic, 1);
    await log.close();
    const again = await open();
    expect(await again.earliest(topic, '0')).toBe('0');
    expect(await append(again, topic, ['first'])).toEqual(['0']);
  });
});

describe('an embedded log that is taken away while it is written', () => {
  it.each<[string, () => void]>([
    ['its folder was removed', () => rmSync(folder, { recursive: true })],
    ['its folder was moved', () => renameSync(folder, `${folder}.moved`)],
    ['the topic was removed', () => rmSync(join(folder, 'topics', topic), { recursive: true })],
    ['the segment was removed', removeSegments],
    [
      'another segment is there',
      () => {
        removeSegments();
        writeFileSync(join(partition, '00000000000000000000.log'), '');
      },
    ],
  ])('acknowledges nothing more once %s', async (_, takeAway) => {
    const log = await written(['first']);
    takeAway();
    for (const value of ['second', 'third']) {
      const error = await failure(() => append(log, topic, [value]));
      expect(error.code).toBe('unavailable');
      expect(error.message).toMatch(/pin\/0 takes no more records: .* is no longer the file that was opened/);
    }
    rmSync(`${folder}.moved`, { recursive: true, force: true });
  });

  it('acknowledges nothing where its folder was made anew, and writes nothing there', async () => {
    const log = await written(['first']);
    rmSync(folder, { recursive: true });
    mkdirSync(partition, { recursive: true });
    expect((await failure(() => append(log, topic, ['second']))).code).toBe('unavailable');
    expect(readdirSync(partition)).toEqual([]);
  });

  it('acknowledges nothing in a partition that has no segment yet', async () => {
    const log = await open();
    await log.createTopic(topic, 1);
    rmSync(folder, { recursive: true });
    mkdirSync(partition, { recursive: true });
    expect((await failure(() => append(log, topic, ['first']))).code).toBe('unavailable');
    expect(readdirSync(partition)).toEqual([]);
  });

  it('makes no topic in a folder that is gone', async () => {
    const log = await written(['first']);
    rmSync(folder, { recursive: true });
    expect((await failure(() => log.createTopic('other', 1))).code).toBe('unavailable');
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });
});

describe('partitions of an embedded log', () => {
  it('are refused when one is gone, which others would stand for', async () => {
    await (await written(['first'], 3)).close();
    rmSync(join(folder, 'topics', topic, '1'), { recursive: true });
    const error = await failure(() => open());
    expect(error.code).toBe('damaged');
    expect(error.message).toMatch(/pin has no partition 1\. Restore/);
  });

  it('are refused when all are gone', async () => {
    await (await written(['first'])).close();
    rmSync(partition, { recursive: true });
    expect((await failure(() => open())).message).toMatch(/pin has no partition 0\. Restore/);
  });

  it('may be in a folder that a link leads to', async () => {
    await (await written(['first'])).close();
    renameSync(join(folder, 'topics', topic), join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'topics', topic));
    expect(await append(await open(), topic, ['second'])).toEqual(['1']);
  });

  it('are folders: other entries are none', async () => {
    await (await written(['first'], 2)).close();
    writeFileSync(join(folder, 'topics', '.DS_Store'), '');
    writeFileSync(join(folder, 'topics', topic, '.DS_Store'), '');
    const log = await open();
    expect(await log.topics()).toEqual([topic]);
    expect(await log.shards(topic)).toHaveLength(2);
  });
});
