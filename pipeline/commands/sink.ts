/** `npm run sink`: topics → landing files. */

import * as z from 'zod';
import { datasets } from '../datasets/index.ts';
import { runSink, type SinkProgress } from '../landing/sink.ts';
import { logUrl, openLog, parseLogUrl } from '../log/open.ts';
import { namesOf } from '../naming.ts';
import { landingTraces, messagingSystemOf } from '../telemetry/log_traces.ts';
import { observeSink } from '../telemetry/sink_metrics.ts';
import { exposureOf, exposureOptions } from './exposure.ts';
import { Journal, journalOptions, showStatus } from './journal.ts';
import { endpoint, location } from './location.ts';
import { flag, option, positiveInteger, positiveNumber, runCommand, userPrefix } from './settings.ts';
import { metricsAt, metricsPort, telemetryOf } from './telemetry.ts';

const command = {
  name: 'sink',
  does: 'Writes the topics of the datasets as landing files, as MSK Connect does on AWS. Goes on where it ended.',
  endsWithin: 60,
  options: z.object({
    from: option(
      'URL',
      'the log: embedded:DIR or kafka://host:port',
      logUrl.refine((url) => !url.startsWith('kinesis:'), 'must be a log of topics: Kinesis has streams'),
    ),
    landing: option('DIR', 'where to write topics/…: a folder or s3://bucket/prefix', location),
    endpoint,
    flushSize: option('N', 'records of a full file (default: 10000)', positiveInteger.default(10_000)),
    rotateSeconds: option(
      'S',
      'write a file that is not full after so long (default: 10)',
      positiveNumber.default(10),
    ),
    prefix: option('USER', 'the user prefix of topics: USER.pin, …', userPrefix.optional()),
    untilIdle: option('S', 'end when nothing came for so many seconds', positiveNumber.optional()),
    skipExpired: flag('go on with the earliest record where retention has removed those that come next'),
    metricsPort,
    ...exposureOptions,
    ...journalOptions,
  }),
};

export const ended = runCommand(command, async (settings, signal) => {
  const exposure = await exposureOf(settings);
  const journal = new Journal('sink', settings);
  const telemetry = await telemetryOf('sink');
  const topics = datasets.map((dataset) => namesOf(dataset, settings.prefix).topic);
  const log = await openLog(settings.from, { readOnly: true });
  try {
    const sink = runSink({
      log,
      topics,
      landing: settings.landing,
      flushSize: settings.flushSize,
      rotateMilliseconds: settings.rotateSeconds * 1000,
      ...(settings.untilIdle === undefined ? {} : { untilIdleMilliseconds: settings.untilIdle * 1000 }),
      skipExpired: settings.skipExpired,
      signal,
      onNotice: (notice) => journal.note('warn', notice),
      onLanded: landingTraces(telemetry.tracing, messagingSystemOf(parseLogUrl(settings.from))),
    });
    observeSink(telemetry, () => sink.progress());
    const stopMetrics = await metricsAt(settings.metricsPort, telemetry, exposure, () =>
      log.topics().then(() => undefined),
    );
    const stopShowing = showStatus(journal, () => lineOf(sink.progress()));
    const landed = await sink.finished.finally(stopShowing).finally(stopMetrics);
    process.stdout.write(`${lineOf(landed)}\n`);
  } finally {
    await log.close();
    await telemetry.close();
  }
});

function lineOf({ records, files, bytes, waiting, behind }: SinkProgress): string {
  const number = (value: number) => value.toLocaleString('en');
  const megabytes = (bytes / 1e6).toFixed(1);
  return `landed ${number(records)} records in ${number(files)} files (${megabytes} MB), ${number(waiting + behind)} to come`;
}
