/** Sends events to streams through the API in front of Kinesis. */
import * as z from 'zod';
import { jsonContentType } from '../../pipeline/api/document.ts';
import { namesOf } from '../../pipeline/naming.ts';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import type { RawEvent } from '../event.ts';
import { type Api, knownFields, type Outcome, sent } from './api.ts';

const answerToOne = z.object({ SequenceNumber: z.string() });

const answerToMany = z.object({
  Records: z.array(
    z
      .object({
        SequenceNumber: z.string().nullish(),
        ErrorCode: z.string().nullish(),
        ErrorMessage: z.string().nullish(),
      })
      .transform(outcomeOf),
  ),
});

/** The API of streams, for one user of shared infrastructure or, without a prefix, for all. */
export function apiSendToKinesis(userPrefix = ''): Api {
  return {
    // The Kinesis API takes no more in one request.
    maximumRecords: 500,
    request: (dataset, events) => {
      const { stream } = namesOf(dataset, userPrefix);
      const path = `/streams/${encodeURIComponent(stream)}`;
      const [event] = events;
      return event !== undefined && events.length === 1
        ? { ...put, path: `${path}/record`, body: JSON.stringify(oneRecord(stream, dataset, event)) }
        : { ...put, path: `${path}/records`, body: JSON.stringify(manyRecords(stream, dataset, events)) };
    },
    outcomes: (body, records) => {
      if (records === 1 && answerToOne.safeParse(body).success) {
        return [sent];
      }
      return answerToMany.parse(body).Records;
    },
  };
}

const put = { method: 'PUT', contentType: jsonContentType } as const;

function oneRecord(stream: string, dataset: Dataset, event: RawEvent) {
  return { StreamName: stream, Data: knownFields(event), PartitionKey: keyOf(dataset, event) };
}

function manyRecords(stream: string, dataset: Dataset, events: readonly RawEvent[]) {
  return {
    StreamName: stream,
    records: events.map((event) => ({
      data: knownFields(event),
      'partition-key': keyOf(dataset, event),
    })),
  };
}

/** By the post, so that load is even over shards. */
function keyOf(dataset: Dataset, event: RawEvent): string {
  return String(event[dataset.key] ?? 'none');
}

function outcomeOf(record: {
  ErrorCode?: string | null | undefined;
  ErrorMessage?: string | null | undefined;
}): Outcome {
  const { ErrorCode: code, ErrorMessage: message } = record;
  if (code === null || code === undefined || code === '') {
    return sent;
  }
  // PutRecords knows these two: too fast for a shard, and a failure of Kinesis itself.
  const canWorkLater = /ThroughputExceeded|InternalFailure|Throttling|KMSThrottling/.test(code);
  return { kind: canWorkLater ? 'later' : 'refused', reason: `${code}: ${message ?? ''}` };
}
