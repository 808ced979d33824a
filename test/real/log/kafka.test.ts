import { afterAll, beforeAll } from 'vitest';
import { KafkaLog } from '../../../pipeline/log/kafka.ts';
import { describeContract } from '../../log/contract.ts';
import { describeReal, kafka } from '../systems.ts';

describeReal('Kafka as the log', [kafka], () => {
  let broker: Awaited<ReturnType<typeof kafka.start>>;
  let log: KafkaLog;
  const open = () => KafkaLog.open({ brokers: [broker.bootstrap], security: 'plain' });

  beforeAll(async () => {
    broker = await kafka.start();
    log = await open();
  });

  afterAll(async () => {
    await log?.close();
    await broker?.stop();
  });

  describeContract('the contract', { log: () => log, reopen: open, tooLarge: 1_048_589 });
});
