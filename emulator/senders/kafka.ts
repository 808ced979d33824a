/** Sends events to topics through the Kafka REST proxy, version 2. */
import * as z from 'zod';
import { produceContentType } from '../../pipeline/api/document.ts';
import { namesOf } from '../../pipeline/naming.ts';
import { type Api, knownFields, type Outcome, sent } from './api.ts';

const answer = z.object({
  offsets: z.array(
    z.object({ error_code: z.number().nullish(), error: z.string().nullish() }).transform(outcomeOf),
  ),
});

/** The API of topics, for one user of shared infrastructure or, without a prefix, for all. */
export function apiSendToKafka(userPrefix = ''): Api {
  return {
    // So that a request stays far below API Gateway's 10 MB.
    maximumRecords: 2000,
    request: (dataset, events) => ({
      method: 'POST',
      path: `/topics/${encodeURIComponent(namesOf(dataset, userPrefix).topic)}`,
      contentType: produceContentType,
      body: JSON.stringify({ records: events.map((event) => ({ value: knownFields(event) })) }),
    }),
    outcomes: (body) => answer.parse(body).offsets,
  };
}

/** The reference of the proxy: code 1 will never work, code 2 may when it is tried again. */
function outcomeOf(offset: {
  error_code?: number | null | undefined;
  error?: string | null | undefined;
}): Outcome {
  const reason = offset.error ?? `error_code ${offset.error_code}`;
  switch (offset.error_code) {
    case null:
    case undefined:
      return sent;
    case 1:
      return { kind: 'refused', reason };
    default:
      return { kind: 'later', reason };
  }
}
