/** The gateway of bench/gateway.ts and bench/telemetry.ts on an embedded log in a folder, or on a log that keeps nothing. */
import { startGateway } from '../emulator/gateway.ts';
import { EmbeddedLog } from '../pipeline/log/embedded.ts';
import type { EventLog } from '../pipeline/log/log.ts';
import { meteredLog } from '../pipeline/telemetry/metered_log.ts';
import { startTelemetry } from '../pipeline/telemetry/telemetry.ts';

const [folder = 'none', metrics] = process.argv.slice(2);
const telemetry = metrics === 'metrics' ? await startTelemetry('bench') : undefined;
const opened = folder === 'none' ? discardingLog() : await EmbeddedLog.open(folder);
const log = telemetry ? meteredLog(opened, telemetry, 'pinterest_embedded') : opened;
await log.createTopic('pin', 3);
const gateway = await startGateway({ log, telemetry });
process.on('message', async (message) => {
  if (message === 'memory') {
    process.send?.(process.memoryUsage().rss / 2 ** 20);
    return;
  }
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
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
