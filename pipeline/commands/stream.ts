/** `npm run stream`: streams → silver, quarantine, gold and the live page. */
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { queries } from '../../queries/index.ts';
import { datasets } from '../datasets/index.ts';
import { logUrl, openLog, parseLogUrl } from '../log/open.ts';
import { namesOf } from '../naming.ts';
import { type RunningStream, startStream } from '../stream/run.ts';
import type { StreamStatus } from '../stream/status.ts';
import { batchTraces, messagingSystemOf } from '../telemetry/log_traces.ts';
import { StreamMetrics } from '../telemetry/stream_metrics.ts';
import { type LivePageOptions, startLivePage } from '../ui/web/live_server.ts';
import { exposureOf, exposureOptions } from './exposure.ts';
import { Journal, journalOptions, showStatus } from './journal.ts';
import { location } from './location.ts';
import {
  flag,
  option,
  path,
  port,
  positiveNumber,
  runCommand,
  text,
  UsageError,
  userPrefix,
} from './settings.ts';
import { telemetryOf } from './telemetry.ts';

const command = {
  name: 'stream',
  does: 'Reads the streams of the datasets, keeps Delta tables and answers up to date, and serves them as a page. Goes on where it ended.',
  endsWithin: 60,
  options: z.object({
    from: option('URL', 'the log: embedded:DIR, kafka://host:port or kinesis://region', logUrl),
    lake: option('DIR', 'where to write stream/…: a folder or s3://bucket/prefix', location),
    checkpoints: option(
      'DIR',
      'folder for what is under way (default: checkpoints, beside the lake)',
      path.optional(),
    ),
    endpoint: option('URL', 'where the Kinesis API is, if not at AWS', text.optional()),
    topics: flag('read the topics of the datasets (pin, …), not their streams (streaming-pin, …)'),
    prefix: option('USER', 'the user prefix of streams: streaming-USER-pin, …', userPrefix.optional()),
    untilIdle: option('S', 'end when nothing came for so many seconds', positiveNumber.optional()),
    batchSeconds: option(
      'S',
      'longest wait for a micro-batch to fill (default: 0.05)',
      positiveNumber.default(0.05),
    ),
    batchMebibytes: option(
      'N',
      'records that are enough for a micro-batch (default: 16)',
      positiveNumber.default(16),
    ),
    goldSeconds: option('S', 'write gold so often, if it changed (default: 10)', positiveNumber.default(10)),
    memoryMebibytes: option(
      'N',
      'memory that it may take; near it, it ends cleanly (default: what the machine has)',
      positiveNumber.optional(),
    ),
    skipExpired: flag('go on with the earliest record where retention has removed those that come next'),
    pagePort: option('P', 'port of the page (default: 8080, or a free one)', port.optional()),
    noPage: flag('serve no page'),
    ...exposureOptions,
    ...journalOptions,
  }),
};

export const ended = runCommand(command, async (settings, signal) => {
  const exposure = await exposureOf(settings);
  const journal = new Journal('stream', settings);
  const checkpoints = settings.checkpoints ?? besideLake(settings.lake);
  const named = datasets.map((dataset) => [dataset.name, namesOf(dataset, settings.prefix)] as const);
  const telemetry = await telemetryOf('stream');
  const metrics = new StreamMetrics(telemetry);
  const log = await openLog(settings.from, { readOnly: true, endpoint: settings.endpoint });
  try {
    const stream = startStream({
      log,
      datasets,
      queries,
      streams: Object.fromEntries(
        named.map(([name, names]) => [name, settings.topics ? names.topic : names.stream]),
      ),
      lake: settings.lake,
      checkpoints,
      microBatch: {
        bytes: settings.batchMebibytes * 1024 * 1024,
        milliseconds: settings.batchSeconds * 1000,
      },
      goldEveryMilliseconds: settings.goldSeconds * 1000,
      ...(settings.untilIdle === undefined ? {} : { untilIdleMilliseconds: settings.untilIdle * 1000 }),
      memoryBytes:
        settings.memoryMebibytes === undefined ? undefined : settings.memoryMebibytes * 1024 * 1024,
      skipExpired: settings.skipExpired,
      signal,
      onNotice: (notice) => journal.note('warn', notice),
      onStep: metrics.onStep,
      onBatch: batchTraces(telemetry.tracing, messagingSystemOf(parseLogUrl(settings.from))),
    });
    metrics.observe(stream);
    const page = settings.noPage
      ? null
      : await startPage(stream, { port: settings.pagePort, exposure, telemetry });
    const stopShowing = showStatus(journal, () => lineOf(stream.status()));
    try {
      await stream.done;
    } finally {
      stopShowing();
      await page?.close();
    }
    process.stdout.write(`${totalsOf(stream.status())}\n`);
  } finally {
    await log.close();
    await telemetry.close();
  }
});

/** @throws UsageError for a lake on S3, beside which no folder of this machine lies */
function besideLake(lake: string): string {
  if (lake.startsWith('s3:')) {
    throw new UsageError(
      '--checkpoints is missing: name a folder of this machine, which stays, for a lake on S3.',
    );
  }
  return join(dirname(lake.replace(/\/+$/, '')), 'checkpoints');
}

async function startPage(
  stream: RunningStream,
  options: Pick<LivePageOptions, 'port' | 'exposure' | 'telemetry'>,
) {
  try {
    const page = await startLivePage({ ...options, source: { queries, stream } });
    process.stdout.write(`Page: ${page.url}\n`);
    return page;
  } catch (error) {
    await stream.stop();
    throw error;
  }
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function lineOf({ state, eventsPerSecond, lag, batch, totals }: StreamStatus): string {
  const read = totals.reduce((sum, dataset) => sum + dataset.read, 0);
  const behind = lag.map(({ stream, shard, records, milliseconds }) => {
    const away = records === null ? `${number(milliseconds ?? 0)} ms` : number(records);
    return `${stream}/${shard} ${away}`;
  });
  const last = batch === null ? '' : `, micro-batch ${batch.number} in ${number(batch.milliseconds)} ms`;
  return `${state}: ${number(read)} events, ${number(eventsPerSecond)} a second${last}, behind: ${behind.join(', ')}`;
}

function totalsOf({ totals }: StreamStatus): string {
  return totals
    .map(({ name, read, kept, repeated, quarantined: { malformed_json, missing_key }, nulled, erased }) => {
      const bad = `quarantined ${number(malformed_json)} malformed, ${number(missing_key)} without key`;
      const rules = Object.entries(nulled).map(
        ([rule, values]) => `; ${number(values)} made null by ${rule}`,
      );
      const gone = erased === 0 ? '' : `, erased ${number(erased)}`;
      return `${name}: read ${number(read)}, kept ${number(kept)}, repeated ${number(repeated)}, ${bad}${gone}${rules.join('')}`;
    })
    .join('\n');
}
