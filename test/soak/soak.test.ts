/**
 * Gateway, stream and sink under load, with faults now and then. The long form, `npm run soak`, takes half an hour;
 * SOAK_SECONDS and SOAK_RATE say otherwise.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { soakChart } from './chart.ts';
import { type Sample, soak } from './soak.ts';

const seconds = Number(process.env.SOAK_SECONDS ?? 15);
const rate = Number(process.env.SOAK_RATE ?? 500);
/** The start and the end of a run take about so long, and what is left is read at some times the rate. */
const longest = 1000 * (2 * seconds + 120);

/** In MiB, of one service. */
function highest(samples: readonly Sample[], memory: 'gatewayMemory' | 'streamMemory' | 'sinkMemory') {
  return Math.max(...samples.map((sample) => sample[memory] ?? 0));
}

it(
  'gateway, stream and sink lose nothing, keep nothing twice and stay within their memory, whatever happens to them',
  async () => {
    const report = await soak(temporaryFolder('soak'), { seconds, rate });
    await mkdir('test-artifacts', { recursive: true });
    await writeFile('test-artifacts/soak.svg', soakChart(report));
    await writeFile('test-artifacts/soak.json', JSON.stringify(report));
    const { posts, outcomes, samples, unexplained } = report;
    expect(unexplained).toEqual([]);
    const sent = seconds * rate;
    expect(posts).toMatchObject({ begun: sent, resent: sent - posts.sent });
    for (const outcome of outcomes) {
      const { records } = outcome;
      expect(records).toBeGreaterThanOrEqual(sent);
      expect(outcome).toMatchObject({
        counted: { read: records, kept: sent, repeated: records - sent },
        rows: sent,
        withoutRow: 0,
        quarantined: 0,
        landed: records,
        gaps: [],
        notLanded: 0,
      });
    }
    const [first, second] = [samples.slice(0, samples.length / 2), samples.slice(samples.length / 2)];
    for (const memory of ['gatewayMemory', 'sinkMemory'] as const) {
      expect(highest(second, memory), memory).toBeLessThan(1.25 * highest(first, memory) + 64);
    }
    // The stream holds what it has kept: docs/operation.md, "Memory of a stream".
    expect(highest(samples, 'streamMemory')).toBeLessThan(256 + sent / 1000);
  },
  longest,
);
