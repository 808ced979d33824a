import { join } from 'node:path';
import { z } from 'zod';
import { queries } from '../../queries/index.ts';
import { runBatch } from '../batch.ts';
import { printedBatch, writeAnswers, writeBatchReport, writeLake } from '../batch_outputs.ts';
import { datasets } from '../datasets/index.ts';
import { showProgress } from './progress.ts';
import { option, runCommand, text } from './settings.ts';

const command = {
  name: 'batch',
  does: 'Reads landing files, cleans them, prints the nine answers and makes a report.',
  options: z.object({
    landing: option('DIR', 'the folder that holds topics/ (default: data/lake)', text.default('data/lake')),
    lake: option('DIR', 'write silver, quarantine and gold here, as Delta tables', text.optional()),
    json: option('FILE', 'write the answers here, as JSON', text.optional()),
    report: option(
      'FILE',
      'the report page (default: data/report/index.html)',
      text.default(join('data', 'report', 'index.html')),
    ),
  }),
};

await runCommand(command, async ({ landing: directory, lake, json, report }) => {
  const result = await runBatch(directory, datasets, queries, showProgress('Reading', 'bytes'));
  const { landing, answers } = result;
  process.stdout.write(printedBatch(result));
  // What is written last is what a person waits for least: first the answers, then the tables.
  if (json !== undefined) {
    await writeAnswers(json, answers);
  }
  await writeBatchReport(report, result);
  process.stdout.write(`Report: ${report}\n`);
  if (lake !== undefined) {
    await writeLake(lake, result);
  }
  if (landing.unreadable.length > 0) {
    throw new Error(
      `${landing.unreadable.length} landing files could not be read to their end; see the warnings above.`,
    );
  }
});
