/** Counts the records that go into a log, by topic and outcome. */
import type { EventLog } from '../log/log.ts';
import type { Telemetry } from './telemetry.ts';

/** The same log, with its appends counted. */
export function meteredLog(log: EventLog, { meter }: Telemetry): EventLog {
  const sent = meter.createCounter('messaging.client.sent.messages', {
    unit: '{message}',
    description: 'Records that were appended to the log, or that it did not take (error.type).',
  });
  const durations = meter.createHistogram('messaging.client.operation.duration', {
    unit: 's',
    description: 'Time of an append, until its records are durable.',
    advice: {
      explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    },
  });
  const note = (topic: string, outcomes: Iterable<readonly [error: string, records: number]>) => {
    for (const [error, records] of outcomes) {
      const destination = { 'messaging.destination.name': topic };
      sent.add(records, error === '' ? destination : { ...destination, 'error.type': error });
    }
  };
  return {
    topics: () => log.topics(),
    shards: (topic) => log.shards(topic),
    createTopic: (topic, shards) => log.createTopic(topic, shards),
    deleteTopic: (topic) => log.deleteTopic(topic),
    earliest: (topic, shard) => log.earliest(topic, shard),
    latest: (topic, shard) => log.latest(topic, shard),
    read: (topic, shard, from, limits) => log.read(topic, shard, from, limits),
    close: () => log.close(),
    append: async (topic, records) => {
      const start = performance.now();
      try {
        const results = await log.append(topic, records);
        const outcomes = new Map<string, number>();
        for (const result of results) {
          const error = 'error' in result ? result.error.code : '';
          outcomes.set(error, (outcomes.get(error) ?? 0) + 1);
        }
        note(topic, outcomes);
        return results;
      } catch (error) {
        // A topic that does not exist is a caller's word: it must not become a name of metrics.
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'other';
        note(code === 'unknown_topic' ? 'unknown' : topic, [[code, records.length]]);
        throw error;
      } finally {
        durations.record((performance.now() - start) / 1000, { 'messaging.operation.name': 'append' });
      }
    },
  };
}
