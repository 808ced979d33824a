import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeRecords } from '../../pipeline/log/embedded/record.ts';
import { openSegmentFile, type SegmentFile } from '../../pipeline/log/embedded/segment_file.ts';
import { EmbeddedLog, type EmbeddedSettings } from '../../pipeline/log/embedded.ts';
import { testFolder } from '../support/folder.ts';
import { append, failure } from './contract.ts';

const topic = 'pin';
const limits = { maximumBytes: 1024 * 1024, waitMilliseconds: 0 };
const folder = testFolder('embedded');
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
  if (!settings.readOnly) {
    await log.createTopic(topic, 1);
  }
  return log;
}

async function valuesOf(log: EmbeddedLog): Promise<string[]> {
  const values: string[] = [];
  let at = await log.earliest(topic, '0');
  for (;;) {
    const { records, next } = await log.read(topic, '0', at, limits);
    if (records.length === 0) {
      return values;
    }
    values.push(...records.map(({ value }) => Buffer.from(value).toString()));
    at = next;
  }
}

function segments(): string[] {
  const partition = join(folder, 'topics', topic, '0');
  return readdirSync(partition)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(partition, name));
}

function onlySegment(): string {
  const [path] = segments();
  if (path === undefined) {
    throw new Error('no segment');
  }
  return path;
}

function flipBit(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
}

describe('an embedded log that is opened after a kill', () => {
  const unacknowledged = encodeRecords(
    [
      { key: null, value: Buffer.from('third') },
      { key: Buffer.from('key'), value: Buffer.from('fourth') },
    ],
    2,
    1_600_000_000_000,
  );
  const firstBytes = encodeRecords([{ key: null, value: Buffer.from('third') }], 2, 0).length;

  it('cuts off a half-written record, at whatever byte it was cut, and says so', async () => {
    await append(await open(), topic, ['first', 'second']);
    await opened[0]?.close();
    const whole = readFileSync(onlySegment());
    for (let bytes = 0; bytes <= unacknowledged.length; bytes++) {
      writeFileSync(onlySegment(), Buffer.concat([whole, unacknowledged.subarray(0, bytes)]));
      const repairs: string[] = [];
      const log = await EmbeddedLog.open(folder, { onRepair: (repair) => repairs.push(repair) });
      const kept =
        bytes === unacknowledged.length ? ['third', 'fourth'] : bytes >= firstBytes ? ['third'] : [];
      const atRecordEnd = [0, firstBytes, unacknowledged.length].includes(bytes);
      expect(repairs, `cut after ${bytes} bytes`).toHaveLength(atRecordEnd ? 0 : 1);
      await append(log, topic, ['next']);
      expect(await valuesOf(log), `cut after ${bytes} bytes`).toEqual(['first', 'second', ...kept, 'next']);
      await log.close();
      rmSync(join(folder, 'topics', topic, '0', 'high_watermark'));
    }
  });

  it('cuts off what follows a hole, so that it does not come back after later records', async () => {
    await append(await open(), topic, ['first', 'second']);
    await opened[0]?.close();
    const withHole = Buffer.from(unacknowledged).fill(0, firstBytes - 5, firstBytes);
    appendFileSync(onlySegment(), withHole);
    await append(await open({ onRepair: () => undefined }), topic, ['THIRD']);
    await opened[1]?.close();
    expect(await valuesOf(await open())).toEqual(['first', 'second', 'THIRD']);
  });

  it('continues with the offset after the last kept record', async () => {
    await append(await open(), topic, ['first', 'second']);
    await opened[0]?.close();
    expect(await append(await open(), topic, ['third'])).toEqual(['2']);
  });

  it('refuses to open when a record that was acknowledged is damaged, and changes nothing', async () => {
    await append(await open(), topic, ['first', 'second', 'third']);
    await opened[0]?.close();
    const bytes = readFileSync(onlySegment());
    flipBit(bytes, bytes.length - 1);
    writeFileSync(onlySegment(), bytes);
    const error = await failure(() => EmbeddedLog.open(folder));
    expect(error.code).toBe('damaged');
    expect(error.message).toMatch(/offsets 2 to 2 were acknowledged/);
    expect(readFileSync(onlySegment())).toEqual(bytes);
  });

  it('refuses to read over a damaged record', async () => {
    const log = await open();
    await append(log, topic, ['first', 'second', 'third']);
    const bytes = readFileSync(onlySegment());
    flipBit(bytes, bytes.indexOf('second'));
    writeFileSync(onlySegment(), bytes);
    expect((await log.read(topic, '0', '0', limits)).records).toHaveLength(1);
    expect((await failure(() => log.read(topic, '0', '1', limits))).message).toMatch(/damaged.*offset 1/);
  });
});

describe('retention of an embedded log', () => {
  it('removes the oldest segments, keeps at least the configured size, and never skips removed records silently', async () => {
    const log = await open({ segmentBytes: 1000, retentionBytes: 3000 });
    for (let index = 0; index < 100; index++) {
      await append(log, topic, [`${index} ${'x'.repeat(100)}`]);
    }
    const earliest = Number(await log.earliest(topic, '0'));
    expect(earliest).toBeGreaterThan(0);
    const kept = segments().reduce((sum, path) => sum + statSync(path).size, 0);
    expect(kept).toBeGreaterThanOrEqual(3000);
    expect(kept).toBeLessThanOrEqual(3000 + 2 * 1000);
    expect(await valuesOf(log)).toHaveLength(100 - earliest);
    const error = await failure(() => log.read(topic, '0', String(earliest - 1), limits));
    expect(error.code).toBe('expired');
    expect(error.message).toContain(`holds ${earliest} up to before 100`);
  });

  it('refuses an offset after the end: the log is not the one that gave it', async () => {
    const log = await open();
    await append(log, topic, ['only']);
    expect((await failure(() => log.read(topic, '0', '2', limits))).code).toBe('expired');
  });
});

/** A file that fails when told to. */
function failing(faults: { write?: string; truncate?: boolean }): (path: string) => Promise<SegmentFile> {
  return async (path) => {
    const file = await openSegmentFile(path);
    const fault = (code: string): Error => Object.assign(new Error(`${code}: planted`), { code });
    return {
      ...file,
      write: async (buffer, position) => {
        if (faults.write !== undefined) {
          await file.write(buffer.subarray(0, buffer.length - 3), position);
          throw fault(faults.write);
        }
        await file.write(buffer, position);
      },
      truncate: async (size) => {
        if (faults.truncate) {
          throw fault('EIO');
        }
        await file.truncate(size);
      },
    };
  };
}

describe('an embedded log on a failing disk', () => {
  it('keeps nothing of a group that did not fit, and continues when there is room', async () => {
    const faults: { write?: string } = {};
    const log = await open({ openFile: failing(faults) });
    await append(log, topic, ['first']);
    faults.write = 'ENOSPC';
    const error = await failure(() => append(log, topic, ['second', 'third']));
    expect(error.code).toBe('full');
    expect(error.message).toContain('disk is full');
    expect(await valuesOf(log)).toEqual(['first']);
    delete faults.write;
    expect(await append(log, topic, ['fourth'])).toEqual(['1']);
    expect(await valuesOf(log)).toEqual(['first', 'fourth']);
    await log.close();
    expect(await valuesOf(await open())).toEqual(['first', 'fourth']);
  });

  it('takes no more records when a failed write could not be undone', async () => {
    const faults: { write?: string; truncate?: boolean } = {};
    const log = await open({ openFile: failing(faults) });
    await append(log, topic, ['first']);
    faults.write = 'EIO';
    faults.truncate = true;
    expect((await failure(() => append(log, topic, ['second']))).code).toBe('unavailable');
    delete faults.write;
    delete faults.truncate;
    expect((await failure(() => append(log, topic, ['third']))).message).toContain('could not be taken back');
    await log.close();
    const repairs: string[] = [];
    expect(await valuesOf(await open({ onRepair: (repair) => repairs.push(repair) }))).toEqual(['first']);
    expect(repairs).toHaveLength(1);
  });
});

describe('group commit of an embedded log', () => {
  it('syncs waiting appends together, and resolves none of them before', async () => {
    const order: string[] = [];
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const openFile = async (path: string): Promise<SegmentFile> => {
      const file = await openSegmentFile(path);
      const datasync = async () => {
        await gate;
        await file.datasync();
        order.push('synced');
      };
      return { ...file, datasync };
    };
    const log = await open({ openFile });
    const first = append(log, topic, ['0']).then(() => order.push('answered'));
    const others = Array.from({ length: 50 }, (_, index) =>
      append(log, topic, [String(index + 1)]).then(() => order.push('answered')),
    );
    release();
    await Promise.all([first, ...others]);
    expect(order).toEqual(['synced', 'answered', 'synced', ...others.map(() => 'answered')]);
  });

  it('throttles appends that it may not hold in memory', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const openFile = async (path: string): Promise<SegmentFile> => {
      const file = await openSegmentFile(path);
      return { ...file, write: (buffer, position) => gate.then(() => file.write(buffer, position)) };
    };
    const log = await open({ openFile, pendingBytes: 1000 });
    const underWay = append(log, topic, ['x'.repeat(900)]);
    const waiting = append(log, topic, ['y'.repeat(900)]);
    expect((await failure(() => append(log, topic, ['z'.repeat(900)]))).code).toBe('throttled');
    release();
    await Promise.all([underWay, waiting]);
    expect((await valuesOf(log)).map((value) => value[0])).toEqual(['x', 'y']);
  });

  it('tells those who wait too long for a slow disk, and keeps nothing of what it refused', async () => {
    const stalls: (() => void)[] = [];
    let isSlow = false;
    const openFile = async (path: string): Promise<SegmentFile> => {
      const file = await openSegmentFile(path);
      const datasync = async () => {
        if (isSlow) {
          await new Promise<void>((resolve) => stalls.push(resolve));
        }
        await file.datasync();
      };
      return { ...file, datasync };
    };
    const first = await open();
    await append(first, topic, ['before']);
    await first.close();
    const log = await open({ openFile, waitMilliseconds: 50 });
    isSlow = true;
    // The first is being written, and the second waits for its turn.
    const refused = ['written', 'waiting'].map((value) => failure(() => append(log, topic, [value])));
    for (const { code, message } of await Promise.all(refused)) {
      expect(code).toBe('throttled');
      expect(message).toMatch(/The disk does not keep up: .* for 0\.05 s/);
    }
    // Readers are shown none of them, and the disk is as it was when it moves again.
    expect(await valuesOf(log)).toEqual(['before']);
    isSlow = false;
    for (const release of stalls) {
      release();
    }
    // The disk of this machine may be slow too: it is sent until it is taken, as callers do.
    await expect.poll(() => append(log, topic, ['again']), { timeout: 30_000 }).toEqual(['1']);
    await log.close();
    expect(await valuesOf(await open())).toEqual(['before', 'again']);
  });

  it('writes what was appended before it was closed', async () => {
    const log = await open();
    const appended = Promise.all(['a', 'b', 'c'].map((value) => append(log, topic, [value])));
    // The topic is looked up first, so that the appends are in the queue.
    await log.shards(topic);
    await log.close();
    await appended;
    expect(await valuesOf(await open())).toEqual(['a', 'b', 'c']);
    expect((await failure(() => append(log, topic, ['d']))).code).toBe('unavailable');
  });

  it('tells a reader that it was closed, which would ask again at once if it were answered with nothing', async () => {
    const log = await open();
    const waiting = log.read(topic, '0', '0', { ...limits, waitMilliseconds: 60_000 });
    // The partition is looked up first, so that the read waits for a record.
    await log.shards(topic);
    await log.close();
    expect((await waiting).records).toEqual([]);
    const error = await failure(() => log.read(topic, '0', '0', limits));
    expect(error).toMatchObject({ code: 'unavailable', message: `The log ${folder} was closed.` });
  });
});

describe('an embedded log in several processes', () => {
  it('is written by one process alone', async () => {
    await open();
    const error = await failure(() => EmbeddedLog.open(folder));
    expect(error.code).toBe('refused');
    expect(error.message).toContain(`process ${process.pid}`);
  });

  it.each([
    ['of a process that is gone', { host: undefined, process: 2 ** 22 + 1, started: '1' }, true],
    [
      'of another process that got the same id',
      { host: undefined, process: process.pid, started: '1' },
      true,
    ],
    ['that a power cut left empty', null, true],
    ['of another machine', { host: 'elsewhere', process: 1, started: '1' }, false],
  ])('a lock %s', async (_, holder, taken) => {
    const { hostname } = await import('node:os');
    const text = holder === null ? '' : JSON.stringify({ ...holder, host: holder.host ?? hostname() });
    writeFileSync(join(folder, 'writer.lock'), text);
    if (taken) {
      await append(await open(), topic, ['taken over']);
    } else {
      expect((await failure(() => EmbeddedLog.open(folder))).message).toContain('elsewhere');
    }
  });

  it('is read by others while it grows, and no further than what is safe on disk', async () => {
    const writing = await open();
    await append(writing, topic, ['first']);
    const reading = await open({ readOnly: true });
    expect(await valuesOf(reading)).toEqual(['first']);
    // As if a write were under way that may yet fail.
    appendFileSync(onlySegment(), encodeRecords([{ key: null, value: Buffer.from('unsafe') }], 1, 0));
    expect(await valuesOf(reading)).toEqual(['first']);
    expect(await valuesOf(await open({ readOnly: true }))).toEqual(['first']);
    const next = reading.read(topic, '0', '1', { ...limits, waitMilliseconds: 30_000 });
    await append(writing, topic, ['second, and longer than what it is written over']);
    expect((await next).records.map(({ value }) => Buffer.from(value).toString())).toEqual([
      'second, and longer than what it is written over',
    ]);
    expect((await failure(() => append(reading, topic, ['x']))).code).toBe('refused');
  });

  it('is read up to its last whole record when no process writes', async () => {
    await append(await open(), topic, ['first']);
    await opened[0]?.close();
    rmSync(join(folder, 'topics', topic, '0', 'high_watermark'));
    expect(await valuesOf(await open({ readOnly: true }))).toEqual(['first']);
  });

  it('cannot be read in a folder without a log', async () => {
    rmSync(join(folder, 'topics'), { recursive: true, force: true });
    expect((await failure(() => EmbeddedLog.open(folder, { readOnly: true }))).code).toBe('unavailable');
  });
});

describe('topics of an embedded log', () => {
  it.each(['', '..', 'a/b', 'a b', 'x'.repeat(250)])('refuses the name "%s"', async (name) => {
    expect((await failure(async () => (await open()).createTopic(name, 1))).code).toBe('refused');
  });

  it.each([0, -1, 1.5, 1001])('refuses %d partitions', async (partitions) => {
    expect((await failure(async () => (await open()).createTopic('other', partitions))).code).toBe('refused');
  });

  it('are created once when several calls create them at the same time', async () => {
    const log = await open();
    const made = await Promise.all([log.createTopic('other', 2), log.createTopic('other', 2)]);
    expect(made.sort()).toEqual([false, true]);
  });

  it('are created again when a kill left them half created', async () => {
    const log = await open();
    await log.close();
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'making', 'other', '0'), { recursive: true });
    const again = await open();
    expect(await again.topics()).toEqual([topic]);
    expect(await again.createTopic('other', 2)).toBe(true);
    expect(await again.shards('other')).toHaveLength(2);
  });

  it('are gone when a kill left them half deleted, and leave nothing on disk', async () => {
    await (await open()).close();
    mkdirSync(join(folder, 'deleting'));
    renameSync(join(folder, 'topics', topic), join(folder, 'deleting', 'half'));
    const log = await EmbeddedLog.open(folder);
    opened.push(log);
    expect(await log.topics()).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['topics', 'writer.lock']);
  });

  it('are deleted once when several calls delete them at the same time, and leave nothing', async () => {
    const log = await open();
    await append(log, topic, ['first']);
    const endings = await Promise.allSettled([log.deleteTopic(topic), log.deleteTopic(topic)]);
    expect(endings.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(readdirSync(join(folder, 'topics'))).toEqual([]);
    expect(readdirSync(join(folder, 'deleting'))).toEqual([]);
  });

  it('are not taken for the same by another process when they were deleted and created again', async () => {
    const log = await open();
    await append(log, topic, ['old 1', 'old 2', 'old 3']);
    const reader = await open({ readOnly: true });
    expect(await valuesOf(reader)).toEqual(['old 1', 'old 2', 'old 3']);
    await log.deleteTopic(topic);
    await log.createTopic(topic, 1);
    await append(log, topic, ['new']);
    expect((await failure(() => reader.read(topic, '0', '3', limits))).code).toBe('expired');
    expect(await valuesOf(reader)).toEqual(['new']);
  });

  it('take batches without keys in turn over their partitions', async () => {
    const log = await open();
    await log.createTopic('spread', 3);
    const shards: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const [result] = await log.append('spread', [{ value: Buffer.from('x') }]);
      if (result && 'shard' in result) {
        shards.push(result.shard);
      }
    }
    expect(shards).toEqual(['0', '1', '2', '0', '1', '2']);
  });
});
