/** `npm run maintain`: keeps the Delta tables of a lake fast and small. */

import * as z from 'zod';
import { type Maintenance, maintainTable, tablesBelow } from '../delta/maintain/maintain.ts';
import { readErasures } from '../erasures.ts';
import { endpoint, location } from './location.ts';
import { flag, messageOf, option, runCommand, wholeNumber } from './settings.ts';

const command = {
  name: 'maintain',
  does:
    'Compacts small files of every Delta table below a lake, and removes files that no version within the retention\n' +
    'needs, and old log entries. Safe beside a running batch or stream; files that nobody committed stay for an hour\n' +
    'at least.',
  options: z.object({
    lake: option('DIR', 'the lake: a folder or s3://bucket/prefix', location),
    endpoint,
    retain: option(
      'HOURS',
      'keep the files of older versions so long (default: as the table says, or 168)',
      wholeNumber.optional(),
    ),
    dryRun: flag('say what would be done, and do nothing'),
  }),
};

const hour = 3600 * 1000;

export const ended = runCommand(command, async ({ lake, retain, dryRun: isDryRun }, signal) => {
  const tables = await tablesBelow(lake);
  if (tables.length === 0) {
    throw new Error(`There is no Delta table below ${lake}.`);
  }
  const forgets = (await readErasures(lake)).size > 0;
  let failed = 0;
  for (const table of tables) {
    signal.throwIfAborted();
    try {
      const retained = retain === undefined ? undefined : retain * hour;
      const done = await maintainTable(table, { isDryRun, retained, forgets });
      process.stdout.write(`${table}: ${lineOf(done, isDryRun)}\n`);
    } catch (error) {
      failed += 1;
      process.stderr.write(`${table}: ${messageOf(error)}\n`);
    }
  }
  if (failed > 0) {
    throw new Error(`${failed} of ${tables.length} tables could not be maintained.`);
  }
});

function lineOf(done: Maintenance, isDryRun: boolean): string {
  const would = isDryRun ? 'would be ' : '';
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const parts = [
    ...(done.removedFiles > 0
      ? [
          `${done.removedFiles} small files (${megabytes(done.bytes)}) ${would}compacted into ${done.addedFiles}`,
        ]
      : []),
    ...(done.unneededFiles > 0
      ? [`${done.unneededFiles} files (${megabytes(done.unneededBytes)}) ${would}removed`]
      : []),
    ...(done.logFiles > 0 ? [`${done.logFiles} log files ${would}removed`] : []),
    ...(done.forgotten > 0 ? [`values of removed files forgotten in ${done.forgotten} log files`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'nothing to do';
}
