/** The gateway of bench/gateway.ts on an embedded log in a folder, or on a log that keeps nothing. */
import { startGateway } from '../emulator/gateway.ts';
import { EmbeddedLog } from '../pipeline/log/embedded.ts';
import type { EventLog } from '../pipeline/log/log.ts';

const [folder = 'none'] = process.argv.slice(2);
const log = folder === 'none' ? discardingLog() : await EmbeddedLog.open(folder);
await log.createTopic('pin', 3);
const gateway = await startGateway({ log });
process.on('message', async (message) => {
  if (message === 'memory') {
    process.send?.(process.memoryUsage().rss / 2 ** 20);
    return;
  }
  await gateway.close();
  await log.close();
  process.disconnect();
});
process.send?.(gateway.url);

function discardingLog(): EventLog {
  const never = async (): Promise<never> => {
    throw new Error('This log keeps nothing.');
  };
  return {
    topics: async () => ['pin'],
    shards: async () => [{ id: '0', parents: [] }],
    createTopic: async () => false,
    deleteTopic: never,
    append: async (_, records) => records.map(() => ({ shard: '0', position: '0' })),
    earliest: never,
    latest: never,
    read: never,
    close: async () => {},
  };
}
