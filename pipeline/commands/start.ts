import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { startEmulation } from '../../emulator/emulate.ts';
import { createTopics, startGateway } from '../../emulator/gateway.ts';
import { apiSendToKafka } from '../../emulator/senders/kafka.ts';
import { syntheticSource } from '../../emulator/sources/synthetic.ts';
import { queries } from '../../queries/index.ts';
import { BatchLake } from '../batch/lake.ts';
import { runBatch } from '../batch.ts';
import { printedBatch, writeBatchReport } from '../batch_outputs.ts';
import { datasets } from '../datasets/index.ts';
import { EmbeddedLog } from '../log/embedded.ts';
import { namesOf } from '../names.ts';
import { runSink } from '../sink.ts';
import { option, port, positiveInteger, positiveNumber, runCommand, text, wholeNumber } from './settings.ts';

const command = {
  name: 'start',
  does: 'Shows the pipeline at work: posts → HTTP API → log → landing files → cleaned tables, answers and a report.',
  options: z.object({
    posts: option('N', 'end after N posts (default: go on until Ctrl-C)', positiveInteger.optional()),
    rate: option('R', 'posts a second (default: 100)', positiveNumber.default(100)),
    port: option('P', 'port of the HTTP API (default: any free one)', port.default(0)),
    data: option('DIR', 'folder of the log, the lake and the report (default: data)', text.default('data')),
    seed: option('S', 'posts of another seed are other posts (default: 1)', wholeNumber.default(1)),
  }),
};

/** Between two looks at the answers while posts go on. */
const refreshMilliseconds = 10_000;

await runCommand(command, async ({ posts, rate, port: apiPort, data, seed }, signal) => {
  const lake = join(data, 'lake');
  const report = join(data, 'report', 'index.html');
  const topics = datasets.map((dataset) => namesOf(dataset).topic);
  await mkdir(data, { recursive: true });
  const log = await EmbeddedLog.open(join(data, 'log'));
  try {
    await createTopics(log, topics);
    const gateway = await startGateway({ log, port: apiPort });
    print(`HTTP API   ${gateway.url}/topics`);
    print(`Report     ${pathToFileURL(resolve(report)).href}`);
    print(`Log, lake  ${join(data, 'log')}, ${lake}`);
    print(`Sending ${rate} posts a second${posts === undefined ? '; Ctrl-C ends' : `, ${posts} in all`}.`);
    const sink = runSink({ log, topics, landing: lake });
    let unsent = 0;
    const stopLooking = new AbortController();
    const looking = lookAgainAndAgain(lake, report, stopLooking.signal);
    try {
      // One batch at a time, so that what a kill leaves in the log is a beginning without gaps.
      const batch = Math.max(1, Math.round(rate / 10));
      const emulation = startEmulation({
        url: gateway.url,
        apis: [apiSendToKafka()],
        datasets,
        source: syntheticSource(datasets, seed, await postsInLog(log, topics)),
        rate,
        count: posts,
        batch,
        maximumInFlight: batch,
        signal,
      });
      const stopCounting = showCount(() => emulation.snapshot().posts.sent);
      const done = await emulation.done.finally(stopCounting);
      print(`Sent ${done.posts.sent} posts as ${done.events.sent} events. Landing and answering …`);
      unsent = done.posts.unsent;
      await sink.drain();
    } finally {
      stopLooking.abort();
      await looking;
      await sink.stop();
      await gateway.close();
    }
    if ((await postsInLog(log, topics)) === 0) {
      print('No post was sent, so there is nothing to answer.');
      return;
    }
    const tables = await BatchLake.open(lake, datasets, queries);
    const result = await runBatch({ landing: lake, datasets, queries, lake: tables });
    await writeBatchReport(report, result);
    await tables.write(result);
    print(printedBatch(result));
    print(`Report: ${pathToFileURL(resolve(report)).href}`);
    if (unsent > 0) {
      throw new Error(`${unsent} posts were not taken by the HTTP API; the answers are without them.`);
    }
  } finally {
    await log.close();
  }
});

/** Keeps the report fresh while posts go on; a look takes at most a tenth of the time. */
async function lookAgainAndAgain(lake: string, report: string, signal: AbortSignal): Promise<void> {
  let wait = refreshMilliseconds;
  while (await untilNext(wait, signal)) {
    const start = performance.now();
    // Nothing may have landed yet; the next look comes soon.
    const result = await runBatch({ landing: lake, datasets, queries }).catch(() => undefined);
    if (result !== undefined) {
      await writeBatchReport(report, result);
    }
    wait = Math.max(refreshMilliseconds, 10 * (performance.now() - start));
  }
}

/** Waits; false when the signal is aborted. */
async function untilNext(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return pause(milliseconds, true, { signal }).catch(() => false);
}

/** Posts that an earlier run left in the log, whole in every topic: the generator goes on behind them. */
async function postsInLog(log: EmbeddedLog, topics: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    topics.map(async (topic) => {
      const heads = (await log.shards(topic)).map(async ({ id }) => Number(await log.latest(topic, id)));
      return (await Promise.all(heads)).reduce((sum, head) => sum + head, 0);
    }),
  );
  return Math.min(...counts);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Shows the count of posts: on a terminal a line that is written over, elsewhere a line now and then. */
function showCount(posts: () => number): () => void {
  const isTerminal = process.stdout.isTTY === true;
  let shown = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  const ticking = setInterval(() => {
    const sent = posts();
    if (isTerminal) {
      process.stdout.write(`\r\u001b[2K${sent} posts sent`);
    } else if (sent > shown && performance.now() - shownAt > 5000) {
      print(`${sent} posts sent`);
      shown = sent;
      shownAt = performance.now();
    }
  }, 250);
  return () => {
    clearInterval(ticking);
    if (isTerminal) {
      process.stdout.write('\r\u001b[2K');
    }
  };
}
