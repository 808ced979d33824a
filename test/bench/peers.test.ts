import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLanding } from '../../bench/batch.ts';
import { differenceOf } from '../../bench/compare_answers.ts';
import { coldPeer, missingPeer, peerNames } from '../../bench/contestants.ts';
import { runBatch } from '../../pipeline/batch/run.ts';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { landingFile } from '../../pipeline/landing/layout.ts';
import { queries } from '../../queries/index.ts';

/** The peers that answer in seconds; `npm run bench` itself compares PySpark too. */
const fastPeers = peerNames.filter((name) => name !== 'pyspark');

describe('the peers of the bench', () => {
  for (const name of fastPeers) {
    it(`${name} gives our answers, also to duplicate events`, async (context) => {
      const missing = missingPeer(name);
      if (missing !== undefined) {
        context.skip(missing);
      }
      await withLanding(400, async (landing, folder) => {
        for (const dataset of datasets) {
          await copyAgain(landing, dataset.name);
        }
        const { answers } = await runBatch({ landing, datasets, queries });
        const ours = Object.fromEntries(answers.map(({ query, table }) => [query.name, rowsOf(table)]));
        const run = await coldPeer(name).run({ landing, folder, tables: false });
        expect(differenceOf(ours, run.answers)).toBeUndefined();
        expect(run.peakBytes).toBeGreaterThan(10_000_000);
        expect(run.cpuSeconds).toBeGreaterThan(0.1);
      });
    });
  }
});

/** Copies the first file of a topic to a later partition. */
async function copyAgain(landing: string, topic: string): Promise<void> {
  const again = join(landing, landingFile(topic, 3, 0));
  await mkdir(dirname(again), { recursive: true });
  await copyFile(join(landing, landingFile(topic, 0, 0)), again);
}
