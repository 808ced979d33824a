/** Makes and fills the source tables of the emulator. */
import * as z from 'zod';
import { type MysqlAddress, mysqlAddress } from '../../emulator/mysql/address.ts';
import { Database } from '../../emulator/mysql/database.ts';
import { seedDatabase } from '../../emulator/seed.ts';
import { openStackDatabase } from '../../emulator/stack/database.ts';
import { stackOutputs } from '../../emulator/stack/outputs.ts';
import { datasets } from '../datasets/index.ts';
import { showProgress } from '../ui/terminal/progress.ts';
import {
  option,
  positiveInteger,
  readOption,
  runCommand,
  text,
  UsageError,
  wholeNumber,
} from './settings.ts';

const command = {
  name: 'seed',
  does: 'Makes the source tables in a MySQL database and fills them with generated posts, without doubling any.',
  options: z.object({
    to: option(
      'URL',
      'mysql://host/database; MYSQL_USER and MYSQL_PASSWORD, or MYSQL_SECRET, say who asks',
      text.optional(),
    ),
    stack: option(
      'STACK',
      'a deployed stack, instead: its database, through Session Manager',
      text.optional(),
    ),
    posts: option('N', 'how many posts (11000)', positiveInteger.default(11_000)),
    seed: option('S', 'which posts (1)', wholeNumber.default(1)),
  }),
};

export const ended = runCommand(command, async ({ to, stack, posts, seed }, signal) => {
  if (stack !== undefined && to === undefined) {
    const { address, close } = await openStackDatabase(stack, await stackOutputs(stack), (reason) =>
      process.stderr.write(`Opening the way to the database again: ${reason}\n`),
    );
    await fill(address, posts, seed, signal).finally(close);
  } else if (to !== undefined && stack === undefined) {
    await fill(
      readOption(() => mysqlAddress(to)),
      posts,
      seed,
      signal,
    );
  } else {
    throw new UsageError('Say which database to fill: either --to URL, or --stack STACK.');
  }
  process.stdout.write(
    `${datasets.map(({ sourceTable }) => sourceTable).join(', ')}: ${posts} posts of seed ${seed}.\n`,
  );
});

async function fill(address: MysqlAddress, posts: number, seed: number, signal: AbortSignal): Promise<void> {
  const database = await Database.open(address, {
    connections: 3,
    onAway: (reason) =>
      process.stderr.write(
        reason === null ? 'The database is back.\n' : `Waiting for the database: ${reason}\n`,
      ),
  });
  const progress = showProgress('Seeding', 'posts');
  try {
    const onProgress = (done: number) => progress.update(done, posts);
    await seedDatabase({ database, datasets, posts, seed, signal, onProgress });
  } finally {
    progress.stop();
    await database.close();
  }
}
