import { join, resolve } from 'node:path';
import * as z from 'zod';
import { queries } from '../../queries/index.ts';
import { runBatch } from '../batch/run.ts';
import { datasets } from '../datasets/index.ts';
import { printedBatch, writeAnswers, writeBatchReport } from '../ui/batch_outputs.ts';
import { showProgress } from '../ui/terminal/progress.ts';
import { endpoint, location } from './location.ts';
import { flag, option, path, runCommand, UsageError } from './settings.ts';

const command = {
  name: 'batch',
  does: 'Reads landing files, cleans them, prints the nine answers and makes a report.',
  options: z.object({
    landing: option(
      'DIR',
      'the folder or s3://bucket/prefix that holds topics/ (default: data/lake)',
      location.default('data/lake'),
    ),
    lake: option(
      'DIR',
      'keep silver, quarantine and gold here, as Delta tables, and read only landing files that are new to it',
      location.optional(),
    ),
    bronze: flag(
      'begin to keep the lines of landing files in the lake, for a changed rule after the files are gone',
    ),
    endpoint,
    json: option(
      'FILE',
      'write the answers here, as JSON; - for standard output, with nothing else on it',
      path.optional(),
    ),
    report: option(
      'FILE',
      'the report page (default: data/report/index.html)',
      path.default(join('data', 'report', 'index.html')),
    ),
  }),
};

export const ended = runCommand(command, async ({ landing: from, lake, bronze, json, report }) => {
  if (bronze && lake === undefined) {
    throw new UsageError('--bronze needs --lake: the lines are kept there.');
  }
  if (json !== undefined && resolve(json) === resolve(report)) {
    throw new UsageError(`--json and --report both name ${report}, and one would replace the other.`);
  }
  // Output for people makes room for output that programs read.
  const terminal = json === '-' ? process.stderr : process.stdout;
  const reading = showProgress('Reading', 'bytes');
  const writing = showProgress('Writing', 'tables');
  const { landing } = await runBatch({
    landing: from,
    datasets,
    queries,
    lake,
    bronze,
    onProgress: reading.update,
    onTable: writing.update,
    onAnswers: async (result) => {
      reading.stop();
      terminal.write(printedBatch(result));
      if (json !== undefined) {
        await writeAnswers(json, result.answers);
      }
      await writeBatchReport(report, result);
      terminal.write(`Report: ${report}\n`);
    },
  }).finally(() => {
    reading.stop();
    writing.stop();
  });
  if (landing.otherFiles.length > 0) {
    terminal.write(`Not read: ${landing.otherFiles.length} files, the first ${landing.otherFiles[0]}\n`);
  }
  if (landing.unreadable.length > 0) {
    throw new Error(
      `${landing.unreadable.length} landing files could not be read to their end; see the warnings above.`,
    );
  }
});
