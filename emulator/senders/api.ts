/** The common part of the two APIs that take events. */
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import type { RawEvent } from '../event.ts';

/** A request, without its host. */
export interface ApiRequest {
  readonly method: 'POST' | 'PUT';
  /** Below the API's URL: `/topics/pin`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

/** The outcome of one record of a request that was answered with success. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** It was not taken, and may be if it is sent again. */
  | { readonly kind: 'later'; readonly reason: string }
  /** It will never be taken. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface Api {
  /** Number of records that a request may hold. */
  readonly maximumRecords: number;
  request(dataset: Dataset, events: readonly RawEvent[]): ApiRequest;
  /** Reads the answer to a request of so many records. @throws when it is not an answer of this API */
  outcomes(body: unknown, records: number): readonly Outcome[];
}

export const sent: Outcome = { kind: 'sent' };

/** The event as it is sent: a field that is not known is left out, which means the same as null. */
export function knownFields(event: RawEvent): RawEvent {
  return Object.values(event).includes(null)
    ? Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null))
    : event;
}
