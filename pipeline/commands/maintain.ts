/** `npm run maintain`: keeps the Delta tables of a lake fast and small. */

import * as z from 'zod';
import { filesBefore, isBronze } from '../batch/bronze.ts';
import { type Maintenance, maintainTable, tablesBelow } from '../delta/maintain/maintain.ts';
import { type Removal, removeRows } from '../delta/remove_rows.ts';
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
    bronzeDays: option(
      'DAYS',
      'remove the lines of landing files that were last changed before that from bronze (default: keep all)',
      wholeNumber.optional(),
    ),
    dryRun: flag('say what would be done, and do nothing'),
  }),
};

const hour = 3600 * 1000;

export const ended = runCommand(command, async ({ lake, retain, bronzeDays, dryRun: isDryRun }, signal) => {
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
      const aged =
        bronzeDays === undefined || !isBronze(lake, table)
          ? undefined
          : await removeRows(table, filesBefore(Date.now() - bronzeDays * 24 * hour), { isDryRun });
      const done = await maintainTable(table, { isDryRun, retained, forgets });
      process.stdout.write(`${table}: ${lineOf(done, isDryRun, aged)}\n`);
    } catch (error) {
      failed += 1;
      process.stderr.write(`${table}: ${messageOf(error)}\n`);
    }
  }
  if (failed > 0) {
    throw new Error(`${failed} of ${tables.length} tables could not be maintained.`);
  }
});

function lineOf(done: Maintenance, isDryRun: boolean, aged: Removal | undefined): string {
  const would = isDryRun ? 'would be ' : '';
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const parts = [
    ...(aged !== undefined && aged.rows > 0 ? [`${aged.rows} old rows ${would}removed`] : []),
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
