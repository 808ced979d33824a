import { expect, it } from 'vitest';
import { datasets } from '../../pipeline/datasets/index.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { namesOf } from '../../pipeline/naming.ts';
import { MemoryGuard } from '../../pipeline/stream/memory_guard.ts';
import { startStream } from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';
import { testFolder } from '../support/folder.ts';

const folder = testFolder('memory-guard');
const mebibyte = 2 ** 20;

it('warns once, then ends, as memory comes near its limit', () => {
  const notices: string[] = [];
  let used = 79 * mebibyte;
  const guard = new MemoryGuard({
    memoryBytes: 100 * mebibyte,
    onNotice: (notice) => notices.push(notice),
    usedBytes: () => used,
  });
  guard.check();
  expect(notices).toEqual([]);
  used = 80 * mebibyte;
  guard.check();
  guard.check();
  expect(notices).toEqual([expect.stringContaining('takes 80 of 100 MiB. It will end at 90 %')]);
  used = 90 * mebibyte;
  expect(() => guard.check()).toThrow('takes 90 of 100 MiB and ends before it is killed');
});

it('ends a stream cleanly: a start with more memory goes on, and nothing is lost or taken twice', async () => {
  const log = await EmbeddedLog.open(`${folder}/log`);
  for (const dataset of datasets) {
    await log.createTopic(namesOf(dataset).stream, 1);
  }
  const post = async (from: number) => {
    const values = Array.from({ length: 100 }, (_, index) => ({
      value: Buffer.from(JSON.stringify({ ind: from + index, country: 'Chad' })),
    }));
    await log.append('streaming-geo', values);
  };
  const start = (memoryBytes: number | undefined) =>
    startStream({
      log,
      datasets,
      queries,
      lake: `${folder}/lake`,
      checkpoints: `${folder}/checkpoints`,
      memoryBytes,
    });
  await post(0);
  const small = start(process.memoryUsage.rss());
  await expect(small.done).rejects.toThrow(/ends before it is killed.*--memory-mebibytes/);
  expect(small.status()).toMatchObject({ state: 'failed', message: expect.stringContaining('MiB') });
  await post(100);
  const large = start(undefined);
  await large.drain();
  const [geo] = large.status().totals.filter(({ name }) => name === 'geo');
  expect(geo).toMatchObject({ read: 200, kept: 200, repeated: 0 });
  await large.stop();
  await log.close();
});
