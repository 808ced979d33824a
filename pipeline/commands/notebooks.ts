import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { queries } from '../../queries/index.ts';
import { datasets } from '../datasets/index.ts';
import { notebookSources } from '../engines/spark/notebooks/index.ts';
import { makeFolders } from '../storage/durable_files.ts';
import { option, runCommand, text } from './settings.ts';

const command = {
  name: 'notebooks',
  does: 'Writes the notebooks that Databricks will run, as Python files in its source format.',
  options: z.strictObject({
    out: option('DIR', 'The folder to write to; it is made when it is missing.', text),
  }),
};

export const ended = runCommand(command, async ({ out }) => {
  await makeFolders(out);
  for (const [name, source] of Object.entries(notebookSources(datasets, queries))) {
    const file = join(out, `${name}.py`);
    await writeFile(file, source);
    process.stdout.write(`${file}\n`);
  }
});
