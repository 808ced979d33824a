/** The S3 sink's configuration, key by key as Confluent documents them. */
import type { Settings } from '../configuration/settings.ts';
import { lakeFolder } from '../lake/lake.ts';

export interface SinkArgs {
  readonly region: string;
  readonly bucket: string;
  readonly topics: readonly string[];
  readonly connector: Settings['connector'];
}

/**
 * Landing files as the local sink writes them: `lake/topics/<topic>/partition=<n>/<topic>+<n>+<first offset>.json`.
 * Bytes go through as they came (docs/decisions/sink-writes-bytes.md).
 * Source: https://docs.confluent.io/kafka-connectors/s3-sink/current/configuration_options.html
 */
export function sinkConfiguration({ region, bucket, topics, connector }: SinkArgs): Record<string, string> {
  return {
    'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
    'tasks.max': String(connector.tasks ?? connector.mostWorkers * connector.unitsPerWorker),
    topics: topics.join(','),
    's3.region': region,
    's3.bucket.name': bucket,
    's3.ssea.name': 'AES256',
    'topics.dir': `${lakeFolder}/topics`,
    'storage.class': 'io.confluent.connect.s3.storage.S3Storage',
    'format.class': 'io.confluent.connect.s3.format.bytearray.ByteArrayFormat',
    'format.bytearray.extension': '.json',
    'partitioner.class': 'io.confluent.connect.storage.partitioner.DefaultPartitioner',
    'schema.compatibility': 'NONE',
    'filename.offset.zero.pad.width': '10',
    'flush.size': String(connector.flushSize),
    'rotate.schedule.interval.ms': String(connector.rotateMinutes * 60_000),
    timezone: 'UTC',
    'behavior.on.null.values': 'ignore',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    'errors.retry.timeout': '600000',
  };
}

/** The workers' own properties: the converters of a connector that names none, and reading from the first record. */
export function workerProperties(): string {
  const properties = {
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    'consumer.auto.offset.reset': 'earliest',
    'offset.flush.interval.ms': '10000',
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
