import { afterAll, beforeAll } from 'vitest';
import { KinesisLog } from '../../../pipeline/log/kinesis.ts';
import { describeContract } from '../../log/contract.ts';
import { describeReal, kinesis } from '../systems.ts';

describeReal('Kinesis as the log', [kinesis], () => {
  let server: Awaited<ReturnType<typeof kinesis.start>>;
  let log: KinesisLog;
  const open = () =>
    KinesisLog.open({ region: server.region, endpoint: server.endpoint, credentials: server.credentials });

  beforeAll(async () => {
    server = await kinesis.start({ SHARD_LIMIT: '200' });
    log = await open();
  });

  afterAll(async () => {
    await log?.close();
    await server?.stop();
  });

  describeContract('the contract', { log: () => log, reopen: open, tooLarge: 1_048_577 });
});
