/** A writer that is a process of its own, for tests: appends rows one at a time, as fast as it can. */

import { tableOfRows } from '../../pipeline/columns/table.ts';
import { DeltaTable } from '../../pipeline/delta/table.ts';

const [folder = '', writer = '', count = '0'] = process.argv.slice(2);
const table = await DeltaTable.open(folder);
for (let number = 1; number <= Number(count); number += 1) {
  await table.append([tableOfRows({ writer: 'text', number: 'bigint' }, [{ writer, number }])], {
    txn: { appId: writer, version: number },
  });
  process.stdout.write(`${number}\n`);
}
