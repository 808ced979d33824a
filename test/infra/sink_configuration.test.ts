import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sinkConfiguration, workerProperties } from '../../infra/connect/configuration.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { namesOf } from '../../pipeline/naming.ts';

/** Keys that Confluent and Kafka document, with what each may be; where from, the file says. */
const documented: Readonly<Record<string, string>> = parse(
  readFileSync(new URL('./documented/s3_sink.yaml', import.meta.url), 'utf8'),
);
/**
 * Keys of a worker that MSK Connect lets be set: of consumers these alone, of others all but some
 * (https://docs.aws.amazon.com/msk/latest/developerguide/msk-connect-supported-worker-config-properties.html).
 */
const ofConsumers =
  'allow.auto.create.topics|auto.offset.reset|check.crcs|fetch.(max.bytes|max.wait.ms|min.bytes)|max.partition.fetch.bytes' +
  '|max.poll.(interval.ms|records)|session.timeout.ms|heartbeat.interval.ms|request.timeout.ms|retry.backoff.ms';
const ofWorkers = new RegExp(
  `^((key|value)\\.converter(\\..+)?|offset\\.flush\\.(interval|timeout)\\.ms|consumer\\.(${ofConsumers}))$`,
);

const topics = datasets.map((dataset) => namesOf(dataset).topic);
const configuration = sinkConfiguration({
  region: 'eu-west-1',
  bucket: 'a-bucket',
  topics,
  connector: {
    kafkaConnectVersion: '3.7.x',
    unitsPerWorker: 1,
    fewestWorkers: 1,
    mostWorkers: 1,
    tasks: 3,
    flushSize: 1,
    rotateMinutes: 5,
  },
});

describe('the S3 sink’s configuration', () => {
  it('has only documented keys, with values that these may have', () => {
    for (const [key, value] of Object.entries(configuration)) {
      expect(Object.keys(documented), `${key} is not documented`).toContain(key);
      expect(value, key).toMatch(new RegExp(`^(${documented[key]})$`));
    }
  });

  it('says what the connector cannot do without', () => {
    for (const key of [
      'connector.class',
      's3.bucket.name',
      'storage.class',
      'format.class',
      'flush.size',
      'topics',
    ]) {
      expect(configuration).toHaveProperty([key]);
    }
    // Without a time zone a scheduled rotation is refused.
    expect(configuration).toHaveProperty(['rotate.schedule.interval.ms'], '300000');
    expect(configuration).toHaveProperty(['timezone'], 'UTC');
  });

  it('names landing files as every engine reads them', () => {
    const directory = configuration['topics.dir'];
    const width = Number(configuration['filename.offset.zero.pad.width']);
    const file = `${directory}/pin/partition=0/pin+0+${'7'.padStart(width, '0')}${configuration['format.bytearray.extension']}`;
    expect(file).toBe('lake/topics/pin/partition=0/pin+0+0000000007.json');
  });

  it('is that of workers that start with the first record', () => {
    for (const line of workerProperties().trimEnd().split('\n')) {
      expect(line.split('=')[0]).toMatch(ofWorkers);
    }
    expect(workerProperties()).toContain('consumer.auto.offset.reset=earliest\n');
  });
});
