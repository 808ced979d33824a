/** Maintenance in a process of its own, for tests: a run after another, until it is ended. */

import { maintainTable } from '../../pipeline/delta/maintain/maintain.ts';

const [table = ''] = process.argv.slice(2);
for (;;) {
  const { version } = await maintainTable(table, {
    isDryRun: false,
    retained: 3600 * 1000,
    fileSize: 20_000,
  });
  process.stdout.write(`${version}\n`);
}
