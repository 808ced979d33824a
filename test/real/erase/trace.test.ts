/** After an erasure and maintaining, another program finds nothing of it in the bytes of lake, landing files and checkpoints. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { maintainTable, tablesBelow } from '../../../pipeline/delta/maintain/maintain.ts';
import { startPython } from '../../../pipeline/engines/spark/local/python.ts';
import { EmbeddedLog } from '../../../pipeline/log/embedded.ts';
import { startStream } from '../../../pipeline/stream/run.ts';
import { queries } from '../../../queries/index.ts';
import { ErasedLake } from '../../erase/lakes.ts';
import { createStreams, send } from '../../stream/streams.ts';
import { testFolder } from '../../support/folder.ts';
import { deltalake, describeReal } from '../systems.ts';

/** Searches files for texts: as they are, unpacked by gzip, and every value of every Parquet file that pyarrow opens. */
const search = `
import os, zlib
import pyarrow.parquet as pq

def spellings(text):
    escaped = text.encode("ascii", "backslashreplace").decode()
    return [text.encode(), text.encode("utf-16-le"), escaped.encode(), escaped.replace("\\\\x", "\\\\u00").encode()]

wanted = [s for text in input["texts"] for s in spellings(text)]

def contents(path):
    data = open(path, "rb").read()
    yield data
    if data[:2] == b"\\x1f\\x8b":
        yield zlib.decompress(data, 31)
    if data[:4] == b"PAR1":
        file = pq.ParquetFile(path)
        yield str(file.metadata.to_dict()).encode()
        for group in range(file.num_row_groups):
            yield str(file.read_row_group(group).to_pylist()).encode()

output = sorted({
    os.path.join(root, name)
    for place in input["places"]
    for root, _, names in os.walk(place)
    for name in names
    for data in contents(os.path.join(root, name))
    if any(w in data for w in wanted)
})`;

describeReal('erased posts', [deltalake], () => {
  const folder = testFolder('erase-trace');
  let python: ReturnType<typeof startPython>;
  let reader: ReturnType<typeof deltalake.start>;
  beforeAll(() => {
    python = startPython({ environment: 'spark' });
    reader = deltalake.start();
  });
  afterAll(async () => {
    await python.stop();
    await reader.stop();
  });

  it('leave no trace once the lake is maintained, and every table is read by deltalake', async () => {
    const world = new ErasedLake(folder);
    const { lake, landing } = world;
    const checkpoints = join(folder, 'checkpoints');
    const odd = 'Zyxömma';
    const named = (ind: number) => (ind === 7 ? odd : `Ann${ind}`);
    const events = (inds: readonly number[]) => ({
      pin: inds.flatMap((index) => {
        const event = JSON.stringify({
          index,
          poster_name: `${named(index)} P`,
          follower_count: `${index}k`,
          title: named(index),
        });
        return [event, ...(index === 7 ? [event.slice(0, -3)] : [])];
      }),
      geo: inds.map((ind) =>
        JSON.stringify({ ind, country: `${named(ind)}land`, timestamp: '2020-01-02 03:04:05' }),
      ),
      user: inds.map((ind) =>
        JSON.stringify({
          ind,
          first_name: named(ind),
          last_name: 'Q',
          age: 20,
          date_joined: '2017-01-02 03:04:05',
        }),
      ),
    });
    const log = await EmbeddedLog.open(join(folder, 'log'));
    await createStreams(log);
    // Several batches, so that logs have checkpoints and compaction has something to do.
    for (let part = 0; part < 4; part += 1) {
      const parts = events([10 * part + 6, 10 * part + 7, 10 * part + 8]);
      for (const [name, lines] of Object.entries(parts)) {
        const isCompressed = name === 'geo';
        await world.post(
          name,
          lines.map((text) => ({ text, key: undefined })),
          isCompressed,
        );
      }
      await world.batch();
      await send(log, parts);
      const stream = startStream({
        log,
        datasets,
        queries,
        lake,
        checkpoints,
        microBatch: { milliseconds: 1 },
      });
      await stream.drain();
      await stream.stop();
      for (const table of part === 1 ? await tablesBelow(lake) : []) {
        await maintainTable(table, { isDryRun: false });
      }
    }
    await log.close();
    const places = [lake, landing, checkpoints];
    const found = () => python.run(search, { places, texts: [odd] }) as Promise<string[]>;
    const before = await found();
    for (const part of [
      'silver/user/part',
      'stream/silver/pin/part',
      'quarantine/pin/part',
      'stream/gold/',
      '_delta_log/',
      '.json.gz',
    ]) {
      expect(
        before.some((file) => file.includes(part)),
        part,
      ).toBe(true);
    }
    const versions = new Map<string, number>();
    for (const table of await tablesBelow(lake)) {
      versions.set(table, (await reader.read({ at: table })).version);
    }
    await world.erase([7]);
    expect(await found()).not.toEqual([]);
    for (const table of await tablesBelow(lake)) {
      await maintainTable(table, { isDryRun: false, retained: 0, forgets: true });
    }
    expect(await found()).toEqual([]);
    for (const table of await tablesBelow(lake)) {
      const { rows } = await reader.read({ at: table });
      if (/silver/.test(table)) {
        expect(rows.map(({ ind }) => Number(ind)).sort((a, b) => a - b)).toEqual([
          6, 8, 16, 17, 18, 26, 27, 28, 36, 37, 38,
        ]);
        const version = versions.get(table) ?? 0;
        await expect(reader.read({ at: table, version })).rejects.toThrow(
          /not found|No such|Invalid table version|no files/i,
        );
      }
    }
  }, 180_000);
});
