/** `npm run case`: makes a case of real events. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { queries } from '../../queries/index.ts';
import { cleanLanding } from '../batch/run.ts';
import { madeCase } from '../cases/make_case.ts';
import { caseFileOf } from '../cases/project.ts';
import { withCaseAdded } from '../cases/write_case.ts';
import { datasets } from '../datasets/index.ts';
import { endpoint, location } from './location.ts';
import { flag, option, runCommand, text, UsageError } from './settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const command = {
  name: 'case',
  does:
    'Finds the fewest real events that give a row of an answer, and adds them to the cases of the query. Keys and personal\n' +
    'fields are replaced.',
  options: z.object({
    query: option('NAME', 'the query', text),
    landing: option('DIR', 'the folder or s3://bucket/prefix that holds topics/', location),
    endpoint,
    row: option(
      'COLUMN=VALUE',
      'the rows of the answer that have this value; several, by commas, have all (default: the first row)',
      text.optional(),
    ),
    name: option('TEXT', 'the name of the case (default: the row)', text.optional()),
    print: flag('print the case, and leave the file as it is'),
  }),
};

export const ended = runCommand(command, async ({ query: wanted, landing, row, name, print }) => {
  const query = queries.find((each) => each.name === wanted);
  if (query === undefined) {
    throw new UsageError(
      `There is no query "${wanted}"; the queries are ${queries.map((each) => each.name).join(', ')}.`,
    );
  }
  const { silver } = await cleanLanding(landing, datasets);
  const made = madeCase(query, datasets, silver, row, name);
  if (print) {
    process.stdout.write(made);
    return;
  }
  const path = caseFileOf({ kind: 'query', query });
  const file = join(root, path);
  await writeFile(file, withCaseAdded(existsSync(file) ? readFileSync(file, 'utf8') : '', made));
  process.stdout.write(`${made}Added to ${path}: read it, and run npm run cases -- --only ${query.name}\n`);
});
