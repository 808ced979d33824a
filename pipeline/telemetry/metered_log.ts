/** Counts the records that go into a log, by topic and outcome, and traces those that belong to a trace. */
import type { Attributes } from '@opentelemetry/api';
import type { EventLog } from '../log/log.ts';
import { type MessagingSystem, startAppend } from './log_traces.ts';
import type { Telemetry } from './telemetry.ts';
import { endWithError } from './tracing.ts';

/** The same log, with its appends counted and traced. */
export function meteredLog(log: EventLog, telemetry: Telemetry, system: MessagingSystem): EventLog {
  const { tracing } = telemetry;
  /** Records by topic and error; '' for those that were appended. */
  const sent = new Map<string, Map<string, number>>();
  const durations = telemetry
    .histogram({
      name: 'messaging.client.operation.duration',
      description: 'Time of an append, until its records are durable.',
      boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    })
    .withAttributes({ 'messaging.operation.name': 'append' });
  const note = (topic: string, error: string, records: number) => {
    let ofTopic = sent.get(topic);
    if (ofTopic === undefined) {
      ofTopic = new Map();
      sent.set(topic, ofTopic);
    }
    ofTopic.set(error, (ofTopic.get(error) ?? 0) + records);
  };
  telemetry.observe(() => [
    {
      name: 'messaging.client.sent.messages',
      unit: '{message}',
      description: 'Records that were appended to the log, or that it did not take (error.type).',
      kind: 'counter',
      values: [...sent].flatMap(([topic, outcomes]) =>
        [...outcomes].map(([error, records]): [number, Attributes] => [
          records,
          { 'messaging.destination.name': topic, ...(error === '' ? {} : { 'error.type': error }) },
        ]),
      ),
    },
  ]);
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
      const traced = tracing && startAppend(tracing, system, topic, records);
      try {
        const results = await log.append(topic, traced?.records ?? records);
        let failed = 0;
        for (const result of results) {
          if ('error' in result) {
            failed += 1;
            note(topic, result.error.code, 1);
          }
        }
        note(topic, '', results.length - failed);
        traced?.span.setAttribute('pinterest.records.failed', failed);
        traced?.span.end();
        return results;
      } catch (error) {
        // A topic that does not exist is a caller's word: it must not become a name of metrics.
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'other';
        note(code === 'unknown_topic' ? 'unknown' : topic, code, records.length);
        if (traced) {
          endWithError(traced.span, code, String(error));
        }
        throw error;
      } finally {
        durations.record((performance.now() - start) / 1000);
      }
    },
  };
}
