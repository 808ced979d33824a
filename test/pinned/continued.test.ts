/** Continues data that an earlier commit wrote: see written_by_956e7c2/README.md. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { expectLakeOf } from '../batch/lakes.ts';
import { batchOf, committedIn, type Events, eventsOf, goldIn } from '../stream/streams.ts';
import { land } from '../support/landing.ts';
import {
  copyOfOldData,
  names,
  type OldData,
  recordsOf,
  refusingApi,
  run,
  runWell,
  streamOf,
} from './old_data.ts';

/** Posts 55 to 69 of the seed that the data has: some of them are in it. */
const more = eventsOf(55, 15, 7);

/** The micro-batches that a stream has committed to a table, as commits tell, oldest first. */
async function batchesIn(lake: string, layer: string, name: string) {
  const folder = join(lake, 'stream', layer, name, '_delta_log');
  const entries = (await readdir(folder)).filter((entry) => /^\d{20}\.json$/.test(entry)).sort();
  const batches = [];
  for (const entry of entries) {
    const actions = (await readFile(join(folder, entry), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const txn = actions.find((action) => action.txn)?.txn;
    if (txn !== undefined) {
      const { userMetadata } = actions.find((action) => action.commitInfo).commitInfo;
      batches.push({ path: join(folder, entry), ...txn, ...JSON.parse(userMetadata) });
    }
  }
  return batches;
}

async function appendTo(folder: string, nameOf: (dataset: string) => string): Promise<void> {
  const log = await EmbeddedLog.open(folder);
  for (const [name, lines] of Object.entries(more)) {
    await log.append(
      nameOf(name),
      lines.map((line) => ({ value: Buffer.from(line) })),
    );
  }
  await log.close();
}

/** Everything in the streams, by dataset. */
async function eventsIn(log: string): Promise<Events> {
  const events: Record<string, readonly string[]> = {};
  for (const name of names) {
    const records = Object.values(await recordsOf(log, streamOf(name))).flat();
    events[name] = records.map(({ value }) => Buffer.from(value).toString());
  }
  return events;
}

describe('the batch', () => {
  const batch = ({ folder, lake }: OldData) =>
    runWell(folder, 'batch', '--landing', lake, '--lake', lake, '--report', join(folder, 'report.html'));

  it('reads nothing again, and then only what is new', async () => {
    const data = await copyOfOldData();
    const count = data.landingFiles.length;
    expect(await batch(data)).toMatch(`Read from 0 landing files in`);
    expect(await batch(data)).toMatch(`; ${count} were read before`);
    await expectLakeOf(data.lake, data.lake);

    for (const name of names) {
      await land(data.lake, `topics/${name}/partition=7/${name}+7+0000000000.json`, more[name] ?? []);
    }
    const output = await batch(data);
    expect(output).toMatch('Read from 3 landing files in');
    expect(output).toMatch(`; ${count} were read before`);
    await expectLakeOf(data.lake, data.lake);
  });

  it('that was killed before it recorded what it read comes to the same', async () => {
    const data = await copyOfOldData();
    // The record tells the rules, then what the first run read, then what the second did.
    await rm(join(data.lake, 'files_read', '_delta_log', '00000000000000000002.json'));
    const output = await batch(data);
    expect(output).toMatch('Read from 12 landing files in');
    expect(output).toMatch('; 18 were read before');
    await expectLakeOf(data.lake, data.lake);
  });
});

describe('the stream', () => {
  const stream = ({ folder, log, lake }: OldData) => {
    const options = ['--from', `embedded:${log}`, '--lake', lake, '--no-page', '--until-idle', '0.3'];
    return run(folder, 'stream', ...options);
  };

  async function expectEverythingOnce({ folder, log, lake }: OldData): Promise<void> {
    const expected = await batchOf(join(folder, 'expected'), [await eventsIn(log)]);
    expect(await committedIn(lake)).toEqual(expected);
    expect(await goldIn(lake)).toEqual(expected.answers);
  }

  it('reads nothing again, and then only what is new', async () => {
    const data = await copyOfOldData();
    const before = new Map<string, Awaited<ReturnType<typeof batchesIn>>>();
    for (const name of names) {
      before.set(name, await batchesIn(data.lake, 'silver', name));
    }
    expect(await stream(data)).toMatchObject({
      status: 0,
      errors: expect.not.stringMatching(/checkpoint|again/i),
    });
    for (const name of names) {
      expect(await batchesIn(data.lake, 'silver', name)).toEqual(before.get(name));
    }
    await expectEverythingOnce(data);

    await appendTo(data.log, streamOf);
    expect(await stream(data)).toMatchObject({
      status: 0,
      errors: expect.not.stringMatching(/checkpoint|again/i),
    });
    for (const name of names) {
      const old = before.get(name) ?? [];
      const all = await batchesIn(data.lake, 'silver', name);
      const added = all.slice(old.length);
      expect(all.slice(0, old.length)).toEqual(old);
      expect(new Set(all.map(({ appId }) => appId))).toEqual(new Set([old[0]?.appId]));
      expect(all.map(({ batch }) => batch)).toEqual(all.map((_, number) => number));
      const records = added.flatMap(({ ranges }) =>
        ranges.map((range: { records: number }) => range.records),
      );
      expect(records.reduce((sum, count) => sum + count, 0)).toBe(more[name]?.length);
      const read = Object.values(await recordsOf(data.log, streamOf(name))).flat().length;
      expect(all.at(-1)?.totals.read).toBe(read);
    }
    await expectEverythingOnce(data);
  });

  it('that was killed between writing ahead and committing commits just that, under its number', async () => {
    const data = await copyOfOldData();
    const lost = new Map<string, { path: string; batch: number; ranges: unknown }>();
    for (const name of names) {
      const last = (await batchesIn(data.lake, 'silver', name)).at(-1) ?? expect.fail('no micro-batch');
      await rm(last.path);
      lost.set(name, last);
    }
    expect(await stream(data)).toMatchObject({ status: 0 });
    for (const name of names) {
      const { batch, ranges } = lost.get(name) ?? expect.fail();
      expect((await batchesIn(data.lake, 'silver', name)).at(-1)).toMatchObject({ batch, ranges });
    }
    await expectEverythingOnce(data);
  });
});

describe('the embedded log', () => {
  it('gives its records, and appends behind them', async () => {
    const data = await copyOfOldData();
    const held: Record<string, string> = {};
    for (const topic of names.flatMap((name) => [name, streamOf(name)])) {
      const before = await recordsOf(data.log, topic);
      expect(Object.values(before).flat()).toHaveLength(81);
      held[topic] = digestOf(before);
      const log = await EmbeddedLog.open(data.log);
      for (let record = 0; record < 4; record += 1) {
        await log.append(topic, [{ key: `key ${record}`, value: Buffer.from(`more ${record}`) }]);
      }
      await log.close();
      const after = await recordsOf(data.log, topic);
      for (const [shard, records] of Object.entries(after)) {
        expect(records.slice(0, before[shard]?.length)).toEqual(before[shard]);
        expect(records.map(({ position }) => position)).toEqual(records.map((_, offset) => String(offset)));
      }
      expect(Object.values(after).flat()).toHaveLength(85);
    }
    expect(held).toEqual(digests);
  });

  it('finds the shard of a key where it was found before', async () => {
    const data = await copyOfOldData();
    const shardsOf = (records: Awaited<ReturnType<typeof recordsOf>>) =>
      new Map(Object.entries(records).flatMap(([shard, all]) => all.map(({ key }) => [key, shard])));
    const before = shardsOf(await recordsOf(data.log, 'streaming-pin'));
    expect(before.size).toBeGreaterThan(50);
    const log = await EmbeddedLog.open(data.log);
    for (const [key, shard] of before) {
      const records = [{ key: key ?? expect.fail('a record without key'), value: Buffer.from('{}') }];
      expect(await log.append('streaming-pin', records)).toMatchObject([{ shard }]);
    }
    await log.close();
  });
});

/** A digest of positions, keys, times and values. */
function digestOf(shards: Awaited<ReturnType<typeof recordsOf>>): string {
  const hash = createHash('sha256');
  for (const [shard, records] of Object.entries(shards)) {
    for (const { position, key, timestamp, value } of records) {
      hash.update(JSON.stringify([shard, position, key, timestamp, Buffer.from(value).toString()]));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** The log's records at the time of writing. */
const digests: Readonly<Record<string, string>> = {
  pin: '240dbf5c11b9b85c',
  geo: 'adb210684a94b398',
  user: '082d8ebee0d7d5d8',
  'streaming-pin': '9ce7fdcb691a07f6',
  'streaming-geo': '38bc6141f5daae2f',
  'streaming-user': 'a4b611c880496ff0',
};

describe('the sink', () => {
  it('writes no record twice, and no file again', async () => {
    const data = await copyOfOldData();
    const sink = () => {
      const options = ['--from', `embedded:${data.log}`, '--landing', data.lake, '--until-idle', '0.3'];
      return runWell(data.folder, 'sink', ...options);
    };
    const contents = async (files: readonly string[]) =>
      Promise.all(files.map((file) => readFile(join(data.lake, file), 'utf8')));
    const before = await contents(data.landingFiles);
    expect(await sink()).toMatch('landed 0 records in 0 files');

    await appendTo(data.log, (name) => name);
    await sink();
    expect(await contents(data.landingFiles)).toEqual(before);
    for (const name of names) {
      for (const [partition, records] of Object.entries(await recordsOf(data.log, name))) {
        const folder = `topics/${name}/partition=${partition}`;
        const files = (await readdir(join(data.lake, folder))).sort();
        const lines = (await contents(files.map((file) => `${folder}/${file}`)))
          .join('')
          .trimEnd()
          .split('\n');
        expect(lines).toEqual(records.map(({ value }) => Buffer.from(value).toString()));
      }
    }
  });
});

it('everything at once goes on behind the last post, and both ways come to the same', async () => {
  const data = await copyOfOldData();
  const options = ['--posts', '10', '--seed', '7', '--data', data.folder, '--no-open'];
  await runWell(data.folder, 'start', ...options);
  for (const topic of ['geo', 'streaming-geo']) {
    const records = Object.values(await recordsOf(data.log, topic)).flat();
    const posts = records.map(({ value }) => /"ind":(\d+)/.exec(Buffer.from(value).toString())?.[1]);
    expect(records).toHaveLength(91);
    expect(posts).toEqual(expect.arrayContaining(Array.from({ length: 70 }, (_, post) => String(post))));
  }
  await expectLakeOf(data.lake, data.lake);
});

describe('a lock of another version’s process', () => {
  // A process of another machine, which this one cannot look up.
  const holder = `${JSON.stringify({ host: 'elsewhere', process: 1, started: '1' })}\n`;

  it.each([
    [
      'of the log',
      'log/writer.lock',
      (data: OldData) => ['gateway', '--log', `embedded:${data.log}`, '--port', '0'],
    ],
    [
      'of the landing folder',
      'lake/.sink.lock',
      (data: OldData) => [
        'sink',
        '--from',
        `embedded:${data.log}`,
        '--landing',
        data.lake,
        '--until-idle',
        '0.1',
      ],
    ],
    [
      'of a checkpoint',
      'checkpoints/streaming-geo/stream.lock',
      (data: OldData) => [
        ...['stream', '--from', `embedded:${data.log}`, '--lake', data.lake],
        ...['--no-page', '--until-idle', '0.1'],
      ],
    ],
  ])('%s is respected', async (_, lock, command) => {
    const data = await copyOfOldData();
    await writeFile(join(data.folder, lock), holder);
    const [name = '', ...options] = command(data);
    const { status, errors } = await run(data.folder, name, ...options);
    expect(errors).toContain(`remove ${join(data.folder, lock)}`);
    expect(status).toBe(1);
  });
});

describe('unsent posts', () => {
  it('that an earlier run has set aside are sent', async () => {
    const data = await copyOfOldData();
    const file = join(data.folder, 'unsent.jsonl');
    const event = { ind: 1, timestamp: '2020-01-01 00:00:00', latitude: 1.5, longitude: 2, country: 'Peru' };
    const line = JSON.stringify({ reasons: { geo: 'HTTP 500' }, post: { geo: event } });
    await writeFile(`${file}.sending`, `${line}\n`);
    await writeFile(file, `${line}\n`);
    // An event that cannot be sent is kept under the file's own name.
    const api = await refusingApi();
    const { status } = await run(data.folder, 'emulate', '--to', api, '--resend', file);
    expect(status).toBe(1);
    const kept = (await readFile(file, 'utf8')).trim().split('\n');
    expect(kept.map((text) => JSON.parse(text))).toEqual([
      { reasons: { geo: expect.any(String) }, post: { geo: event } },
      { reasons: { geo: expect.any(String) }, post: { geo: event } },
    ]);
    await expect(readFile(`${file}.sending`)).rejects.toThrow('ENOENT');
  });
});
