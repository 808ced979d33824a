import { join } from 'node:path';
import * as z from 'zod';
import { queries } from '../../queries/index.ts';
import type { BatchLake } from '../batch/lake_tables.ts';
import { runBatch } from '../batch/run.ts';
import { datasets } from '../datasets/index.ts';
import { printedBatch, writeAnswers, writeBatchReport } from '../ui/batch_outputs.ts';
import { showProgress } from '../ui/terminal/progress.ts';
import { option, runCommand, text } from './settings.ts';

const command = {
  name: 'batch',
  does: 'Reads landing files, cleans them, prints the nine answers and makes a report.',
  options: z.object({
    landing: option('DIR', 'the folder that holds topics/ (default: data/lake)', text.default('data/lake')),
    lake: option(
      'DIR',
      'keep silver, quarantine and gold here, as Delta tables, and read only landing files that it does not know yet',
      text.optional(),
    ),
    json: option('FILE', 'write the answers here, as JSON', text.optional()),
    report: option(
      'FILE',
      'the report page (default: data/report/index.html)',
      text.default(join('data', 'report', 'index.html')),
    ),
  }),
};

export const ended = runCommand(command, async ({ landing: directory, lake: folder, json, report }) => {
  const lake = folder === undefined ? undefined : await openLake(folder);
  const reading = showProgress('Reading', 'bytes');
  const batch = { landing: directory, datasets, queries, lake, onProgress: reading.update };
  const result = await runBatch(batch).finally(reading.stop);
  const { landing, answers } = result;
  process.stdout.write(printedBatch(result));
  // What is written last is what a person waits for least: first the answers, then the tables.
  if (json !== undefined) {
    await writeAnswers(json, answers);
  }
  await writeBatchReport(report, result);
  process.stdout.write(`Report: ${report}\n`);
  if (lake !== undefined) {
    const writing = showProgress('Writing', 'tables');
    await lake.write(result, writing.update).finally(writing.stop);
  }
  if (landing.unreadable.length > 0) {
    throw new Error(
      `${landing.unreadable.length} landing files could not be read to their end; see the warnings above.`,
    );
  }
});

/** Delta and Parquet are much to load: only who keeps a lake waits for them. */
async function openLake(folder: string): Promise<BatchLake> {
  const { BatchLake } = await import('../batch/lake_tables.ts');
  return BatchLake.open(folder, datasets, queries);
}
