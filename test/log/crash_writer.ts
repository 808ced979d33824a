/** A process that appends to an embedded log until it is killed, and prints each value once it was acknowledged. */

import { EmbeddedLog } from '../../pipeline/log/embedded.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const log = await EmbeddedLog.open(folder, { segmentBytes: 100_000, onRepair: () => undefined });
await log.createTopic('pin', 2);

/** Four senders at once, each with small batches whose sizes differ. */
async function send(sender: number): Promise<never> {
  for (let request = 0; ; request++) {
    const values = Array.from(
      { length: 1 + (request % 7) },
      (_, at) => `${round}.${sender}.${request}.${at}`,
    );
    const records = values.map((value) => ({ value: Buffer.from(value.padEnd(50 + (request % 900), ' ')) }));
    const results = await log.append('pin', records);
    const acknowledged = values.filter((_, index) => {
      const result = results[index];
      return result !== undefined && 'position' in result;
    });
    process.stdout.write(`${acknowledged.join('\n')}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(send));
