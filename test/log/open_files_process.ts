/** Makes a topic of more partitions than this process may open files, and goes on. Prints what came of it. */
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { LogError } from '../../pipeline/log/log.ts';

const [folder = ''] = process.argv.slice(2);
let log = await EmbeddedLog.open(folder);
await log.createTopic('pin', 1);
const refused = await log.createTopic('many', 500).then(
  () => 'made',
  (error: unknown) => (error instanceof LogError ? `${error.code}: ${error.message}` : String(error)),
);
const topics = await log.topics();
await log.close();
log = await EmbeddedLog.open(folder);
const [taken] = await log.append('pin', [{ value: Buffer.from('{}') }]);
await log.close();
process.stdout.write(JSON.stringify({ refused, topics, taken }));
