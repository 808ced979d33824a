/** `npm run sink`: topics → landing files. */

import * as z from 'zod';
import { datasets } from '../datasets/index.ts';
import { runSink, type SinkProgress } from '../landing/sink.ts';
import { logUrl, openLog } from '../log/open.ts';
import { namesOf } from '../naming.ts';
import { showStatusLine } from '../ui/terminal/status_line.ts';
import { endpoint, location } from './location.ts';
import { flag, option, positiveInteger, positiveNumber, runCommand, userPrefix } from './settings.ts';

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
  }),
};

/** Between two lines where there is no terminal. */
const plainMilliseconds = 10_000;

export const ended = runCommand(command, async (settings, signal) => {
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
      onNotice: (notice) => process.stderr.write(`${notice}\n`),
    });
    const stopShowing = showStatusLine(() => lineOf(sink.progress()), process.stderr, plainMilliseconds);
    const landed = await sink.finished.finally(stopShowing);
    process.stdout.write(`${lineOf(landed)}\n`);
  } finally {
    await log.close();
  }
});

function lineOf({ records, files, bytes, waiting, behind }: SinkProgress): string {
  const number = (value: number) => value.toLocaleString('en');
  const megabytes = (bytes / 1e6).toFixed(1);
  return `landed ${number(records)} records in ${number(files)} files (${megabytes} MB), ${number(waiting + behind)} to come`;
}
