/** Everything in one process: emulator → HTTP API → log → both paths, batch and stream → the live page. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { type Emulation, startEmulation } from '../../emulator/emulate.ts';
import { firstMissingPost } from '../../emulator/first_missing_post.ts';
import { createTopics, startGateway } from '../../emulator/gateway.ts';
import { apiSendToKafka } from '../../emulator/senders/kafka.ts';
import { apiSendToKinesis } from '../../emulator/senders/kinesis.ts';
import { syntheticSource } from '../../emulator/sources/synthetic.ts';
import { queries } from '../../queries/index.ts';
import { BothPaths, problemsOf } from '../compare/both_paths.ts';
import { datasets } from '../datasets/index.ts';
import { runSink } from '../landing/sink.ts';
import { EmbeddedLog } from '../log/embedded.ts';
import { namesOf } from '../naming.ts';
import { makeFolders } from '../storage/durable_files.ts';
import { type RunningStream, startStream } from '../stream/run.ts';
import { batchTraces, landingTraces } from '../telemetry/log_traces.ts';
import { meteredLog } from '../telemetry/metered_log.ts';
import { StreamMetrics } from '../telemetry/stream_metrics.ts';
import { printedBatch, printedComparison, writeBatchReport } from '../ui/batch_outputs.ts';
import { readableNumber } from '../ui/readable.ts';
import { showStatusLine } from '../ui/terminal/status_line.ts';
import { startLivePage } from '../ui/web/live_server.ts';
import type { EmulatorControl } from '../ui/web/live_source.ts';
import { openInBrowser } from './open_browser.ts';
import {
  flag,
  option,
  path,
  port,
  positiveInteger,
  positiveNumber,
  runCommand,
  wholeNumber,
} from './settings.ts';
import { telemetryOf } from './telemetry.ts';

const command = {
  name: 'start',
  does: 'Shows the pipeline at work: posts → HTTP API → log → batch and stream → answers on a live page.',
  options: z.object({
    posts: option('N', 'end after N posts (default: go on until Ctrl-C)', positiveInteger.optional()),
    rate: option('R', 'posts a second (default: 100)', positiveNumber.default(100)),
    port: option('P', 'port of the HTTP API (default: any free one)', port.default(0)),
    pagePort: option(
      'P',
      'port of the page (default: 8080, or a free one when that is taken)',
      port.optional(),
    ),
    data: option('DIR', 'folder of the log, the lake and the report (default: data)', path.default('data')),
    seed: option('S', 'posts of another seed are other posts (default: 1)', wholeNumber.default(1)),
    noOpen: flag('leaves the page for you to open'),
  }),
};

/** Posts that are sent together at most. */
const together = 500;

/** Between two lines where there is no terminal. */
const plainMilliseconds = 2000;

export const ended = runCommand(
  command,
  async ({ posts, rate, port: apiPort, pagePort, data, seed, noOpen }, signal) => {
    const lake = join(data, 'lake');
    const report = join(data, 'report', 'index.html');
    const topics = datasets.map((dataset) => namesOf(dataset).topic);
    const places = datasets.flatMap((dataset) => {
      const { topic, stream } = namesOf(dataset);
      return [topic, stream].map((name) => ({ name, key: dataset.key }));
    });
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener('abort', end, { once: true });
    await makeFolders(data);
    const log = await EmbeddedLog.open(join(data, 'log'));
    // Closed in the opposite order of opening.
    const closing: (() => Promise<unknown>)[] = [() => log.close()];
    try {
      await createTopics(
        log,
        places.map(({ name }) => name),
      );
      const telemetry = await telemetryOf('start');
      closing.push(() => telemetry.close());
      const metrics = new StreamMetrics(telemetry);
      const system = 'pinterest_embedded';
      const gateway = await startGateway({
        log: meteredLog(log, telemetry, system),
        port: apiPort,
        telemetry,
      });
      closing.push(() => gateway.close());
      const sink = runSink({
        log,
        topics,
        landing: lake,
        onNotice: printNotice,
        onLanded: landingTraces(telemetry.tracing, system),
      });
      closing.push(() => sink.stop());
      const stream = startStream({
        log,
        datasets,
        queries,
        lake,
        checkpoints: join(data, 'checkpoints'),
        onNotice: printNotice,
        onStep: metrics.onStep,
        onBatch: batchTraces(telemetry.tracing, system),
      });
      closing.push(() => stream.stop());
      metrics.observe(stream);
      // Sending more is useless once one of the paths has failed; its error is thrown at the next await.
      sink.finished.catch(end);
      stream.done.catch(end);

      const emulation = startEmulation({
        url: gateway.url,
        apis: [apiSendToKafka(), apiSendToKinesis()],
        datasets,
        source: syntheticSource(datasets, seed, await firstMissingPost(log, places, together)),
        rate,
        count: posts,
        batch: together,
        // One batch at a time, so that a kill leaves gaps in the last one alone.
        maximumInFlight: 1,
        tracing: telemetry.tracing,
        signal: ending.signal,
      });
      let hasEnded = false;
      const paths = new BothPaths({
        datasets,
        queries,
        sink,
        stream,
        lake,
        postsAtRest: () => postsAtRest(emulation, hasEnded),
        onBatch: (batch) => writeBatchReport(report, batch),
      });
      const emulator = controlOf(emulation, () => paths.checkSoon());
      const page = await startLivePage({
        source: { queries, stream, emulator, comparison: () => paths.comparison },
        port: pagePort,
      });
      closing.push(() => page.close());
      print(`Live page  ${page.url}`);
      print(`HTTP API   ${gateway.url}/topics and /streams`);
      print(`Report     ${pathToFileURL(resolve(report)).href}`);
      print(`Log, lake  ${join(data, 'log')}, ${lake}`);
      print(`Sending ${rate} posts a second${posts === undefined ? '; Ctrl-C ends' : `, ${posts} in all`}.`);
      if (!noOpen) {
        openInBrowser(page.url, process.stdout);
      }

      const stopComparing = new AbortController();
      const comparing = paths.checkRepeatedly(stopComparing.signal);
      comparing.catch(end);
      const stopShowing = showStatusLine(() => lineOf(emulation, stream), process.stdout, plainMilliseconds);
      const done = await emulation.done.finally(stopShowing);
      hasEnded = true;
      print(`Sent ${done.posts.sent} posts as ${done.events.sent} events. Landing, answering, comparing …`);
      stopComparing.abort();
      await comparing;
      const result = await paths.check();
      if (result === null) {
        print('No post was sent, so there is nothing to answer.');
        return;
      }
      print(printedBatch(result.batch));
      print(printedComparison(result.comparison));
      print(`Report: ${pathToFileURL(resolve(report)).href}`);
      const problems = problemsOf(result, done.posts.unsent);
      if (problems.length > 0) {
        throw new Error(problems.join(' '));
      }
    } finally {
      await closeAll(closing.reverse());
    }
  },
);

/** Lets the page steer the emulator. Once no post is in flight in a pause, both paths are compared. */
function controlOf(emulation: Emulation, onRest: () => void): EmulatorControl {
  const waitForRest = () => {
    const { paused, posts } = emulation.snapshot();
    if (paused && posts.inFlight > 0) {
      setTimeout(waitForRest, 20);
    } else if (paused) {
      onRest();
    }
  };
  return {
    status: () => {
      const { paused, askedRate, posts } = emulation.snapshot();
      return { paused, askedRate, sent: posts.sent };
    },
    pause: () => {
      emulation.pause();
      waitForRest();
    },
    resume: () => emulation.resume(),
    setRate: (rate) => emulation.setRate(rate),
  };
}

/** Posts that were begun, or null while the emulator sends, or will send more. */
function postsAtRest(emulation: Emulation, hasEnded: boolean): number | null {
  const { posts, paused } = emulation.snapshot();
  return posts.inFlight === 0 && (paused || hasEnded) ? posts.begun : null;
}

function lineOf(emulation: Emulation, stream: RunningStream): string {
  const { posts, rate, paused } = emulation.snapshot();
  const { totals, lag } = stream.status();
  const read = totals.reduce((sum, dataset) => sum + dataset.read, 0);
  const behind = lag.reduce((sum, { records }) => sum + (records ?? 0), 0);
  const pace = paused ? 'paused' : `${readableNumber(Math.round(rate))} a second`;
  return `${readableNumber(posts.sent)} posts sent, ${pace}; the stream has read ${readableNumber(read)} events, ${readableNumber(behind)} to come`;
}

/** Closes one after the other, all of them. @throws the first error */
async function closeAll(closing: readonly (() => Promise<unknown>)[]): Promise<void> {
  const closed: PromiseSettledResult<unknown>[] = [];
  for (const close of closing) {
    closed.push(...(await Promise.allSettled([close()])));
  }
  const failed = closed.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printNotice(notice: string): void {
  process.stderr.write(`${notice}\n`);
}
