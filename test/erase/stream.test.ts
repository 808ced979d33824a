/** A stream's tables after an erasure, and the stream and the sink that go on with what is left. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { datasets } from '../../pipeline/datasets/index.ts';
import { carryOut } from '../../pipeline/erase/erase.ts';
import { appendErasures } from '../../pipeline/erasures.ts';
import { runSink } from '../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { startStream } from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { append } from '../log/contract.ts';
import {
  batchOf,
  committedIn,
  createStreams,
  type Events,
  eventsOf,
  goldIn,
  send,
} from '../stream/streams.ts';
import { temporaryFolder, testFolder } from '../support/folder.ts';

const folder = testFolder('erase-stream');
const [lake, landing] = [join(folder, 'lake'), join(folder, 'landing')];
let log: EmbeddedLog;
beforeEach(async () => {
  log = await EmbeddedLog.open(join(folder, 'log'));
});
afterEach(() => log.close());

async function erase(...keys: number[]) {
  const erasures = await appendErasures(lake, keys, { reason: null, returns: false });
  return carryOut({ lake, landing, datasets, queries }, erasures);
}

async function takeAll() {
  const options = { log, datasets, queries, lake, checkpoints: join(folder, 'checkpoints') };
  const stream = startStream({ ...options, microBatch: { milliseconds: 1 } });
  await stream.drain();
  await stream.stop();
}

/** Events without those of keys, which lines that are cut off name, too. */
function without(events: Events, ...keys: number[]): Events {
  const isLeft = (name: string) => (line: string) =>
    !keys.some((key) => new RegExp(`"${name === 'pin' ? 'index' : 'ind'}":${key},`).test(line));
  return Object.fromEntries(
    Object.entries(events).map(([name, lines]) => [name, lines.filter(isLeft(name))]),
  );
}

it('holds what is left in silver, quarantine and gold, and a restarted stream goes on from there', async () => {
  await createStreams(log);
  const [before, after] = [eventsOf(0, 20), eventsOf(20, 10)];
  await send(log, before);
  await takeAll();
  const { tables } = await erase(14, 5);
  expect(tables.map(({ table, rows }) => [table, rows])).toEqual([
    ['stream/quarantine/pin', 1],
    ['stream/quarantine/geo', 0],
    ['stream/quarantine/user', 0],
    ['stream/silver/pin', 2],
    ['stream/silver/geo', 2],
    ['stream/silver/user', 2],
  ]);
  const left = await batchOf(temporaryFolder('left'), [without(before, 14, 5)]);
  expect(await committedIn(lake)).toEqual(left);
  expect(await goldIn(lake)).toEqual(left.answers);
  await send(log, after);
  await takeAll();
  const all = await batchOf(temporaryFolder('all'), [without(before, 14, 5), after]);
  expect(await committedIn(lake)).toEqual(all);
  expect(await goldIn(lake)).toEqual(all.answers);
});

it('lets the sink go on after the last record, though its line and its file are gone', async () => {
  await log.createTopic('pin', 1);
  const sinkAll = async () => {
    const sink = runSink({ log, topics: ['pin'], landing, flushSize: 3 });
    await sink.drain();
    await sink.stop();
  };
  const line = (index: number) => JSON.stringify({ index });
  await append(log, 'pin', [1, 2, 3, 4, 5].map(line));
  await sinkAll();
  const read = async () => {
    const partition = join(landing, 'topics', 'pin', 'partition=0');
    const names = (await readdir(partition)).filter((name) => name.endsWith('.json')).sort();
    return Promise.all(names.map((name) => readFile(join(partition, name), 'utf8')));
  };
  await erase(5);
  await append(log, 'pin', [line(6)]);
  await sinkAll();
  expect(await read()).toEqual(['{"index":1}\n{"index":2}\n{"index":3}\n', '{"index":4}\n', '{"index":6}\n']);
  await erase(6);
  await erase(4, 1);
  await sinkAll();
  await append(log, 'pin', [line(7)]);
  await sinkAll();
  expect(await read()).toEqual(['{"index":2}\n{"index":3}\n', '{"index":7}\n']);
});
