/** Sends posts over HTTP until they have arrived, or it is clear that they will not. */
import { Pool } from 'undici';
import type { Dataset } from '../../pipeline/plan/dataset.ts';
import { Backoff, type RetryPolicy } from '../../pipeline/retry.ts';
import type { Tracing } from '../../pipeline/telemetry/tracing.ts';
import type { Post, RawEvent } from '../event.ts';
import type { Api, ApiRequest, Outcome } from './api.ts';
import { type Authorise, withoutAuthorisation } from './authorisation.ts';
import { RequestTrace } from './request_trace.ts';
import { defaultRetryPolicy, isWorthRetrying, retryAfterMilliseconds } from './retry.ts';

export interface SenderOptions {
  /** The API's URL; what its path begins with, such as a stage, is kept. */
  readonly url: string;
  /** Each event goes to all of these: topics, streams, or both. */
  readonly apis: readonly Api[];
  readonly datasets: readonly Dataset[];
  readonly authorise?: Authorise;
  readonly retry?: Partial<RetryPolicy>;
  /** Longest time that an answer may take, in milliseconds. Default 30,000: API Gateway gives up earlier. */
  readonly timeout?: number;
  /** Connections that are kept open at most. Default 64. */
  readonly connections?: number;
  /** Makes a span of each request. Default: none. */
  readonly tracing?: Tracing | undefined;
  /** Called for each request that failed, whether or not it is sent again: `HTTP 503`, `ECONNRESET`. */
  readonly onFailure?: (reason: string, willRetry: boolean) => void;
}

/** An event that did not arrive, as far as one can tell. */
export interface Undelivered {
  /** The index of its post among those that were to be sent. */
  readonly place: number;
  readonly dataset: string;
  readonly event: RawEvent;
  readonly reason: string;
}

interface Delivery {
  readonly place: number;
  readonly event: RawEvent;
}

export class Sender {
  private readonly base: URL;
  private readonly pool: Pool;
  private readonly retry: RetryPolicy;
  private readonly authorise: Authorise;

  /** @throws TypeError when the URL is not one of HTTP, or holds a password */
  constructor(private readonly options: SenderOptions) {
    this.base = httpUrl(options.url);
    this.retry = { ...defaultRetryPolicy, ...options.retry };
    this.authorise = options.authorise ?? withoutAuthorisation;
    const timeout = options.timeout ?? 30_000;
    this.pool = new Pool(this.base.origin, {
      connections: options.connections ?? 64,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: { timeout: Math.min(timeout, 10_000) },
    });
  }

  /**
   * Sends each post's events to their topics, streams or both, all posts' events of one dataset in as few requests as the
   * API allows. What fails is sent again as the retry policy says; once the signal is aborted, it is not.
   * @returns the events that did not arrive, once for each API that did not take them
   */
  async send(posts: readonly Post[], signal: AbortSignal): Promise<readonly Undelivered[]> {
    const requests = this.options.datasets.flatMap((dataset) => {
      const deliveries = posts.flatMap((post, place): Delivery[] => {
        const event = post[dataset.name];
        return event ? [{ place, event }] : [];
      });
      return this.options.apis.flatMap((api) =>
        inParts(deliveries, api.maximumRecords).map((part) => this.deliver(api, dataset, part, signal)),
      );
    });
    return (await Promise.all(requests)).flat();
  }

  /** Ends all connections, once their requests are answered. */
  async close(): Promise<void> {
    await this.pool.close();
  }

  private async deliver(
    api: Api,
    dataset: Dataset,
    deliveries: readonly Delivery[],
    signal: AbortSignal,
  ): Promise<readonly Undelivered[]> {
    const undelivered: Undelivered[] = [];
    const backoff = new Backoff(this.retry, signal);
    for (let remaining = deliveries; remaining.length > 0; ) {
      const events = remaining.map(({ event }) => event);
      const { outcomes, askedWait } = await this.attempt(api, api.request(dataset, events), events.length);
      const { isLast } = backoff;
      const again: Delivery[] = [];
      for (const [index, delivery] of remaining.entries()) {
        const outcome = outcomes[index] ?? { kind: 'later', reason: 'no answer for this record' };
        if (outcome.kind === 'later' && !isLast) {
          again.push(delivery);
        } else if (outcome.kind !== 'sent') {
          undelivered.push({ ...delivery, dataset: dataset.name, reason: outcome.reason });
        }
      }
      this.report(outcomes, again.length > 0);
      remaining = again;
      if (remaining.length > 0) {
        await backoff.pause(askedWait);
      }
    }
    return undelivered;
  }

  private report(outcomes: readonly Outcome[], willRetry: boolean): void {
    const reasons = outcomes.flatMap((outcome) => (outcome.kind === 'sent' ? [] : [outcome.reason]));
    for (const reason of new Set(reasons)) {
      this.options.onFailure?.(reason, willRetry);
    }
  }

  /** Sends one request; gives the outcome of each of its records, and how long the server asks to wait. */
  private async attempt(
    api: Api,
    request: ApiRequest,
    records: number,
  ): Promise<{ outcomes: readonly Outcome[]; askedWait: number }> {
    const all = (outcome: Outcome) => Array.from({ length: records }, () => outcome);
    // Outside of the catch: missing credentials will not come by trying again.
    const { trace, outgoing } = await this.outgoing(request);
    try {
      const { statusCode, headers, body } = await this.pool.request(outgoing);
      const text = await body.text();
      if (statusCode >= 200 && statusCode < 300) {
        const outcomes = api.outcomes(JSON.parse(text), records);
        trace.answered(statusCode);
        return { outcomes, askedWait: 0 };
      }
      trace.answered(statusCode);
      const kind = isWorthRetrying(statusCode) ? 'later' : 'refused';
      const askedWait = retryAfterMilliseconds(headers['retry-after'], Date.now());
      const detail = kind === 'refused' && text !== '' ? `: ${text.slice(0, 300)}` : '';
      return { outcomes: all({ kind, reason: `HTTP ${statusCode}${detail}` }), askedWait };
    } catch (error) {
      // No answer, half an answer, or none that can be read: it may have arrived, and it is harmless to send it twice.
      const reason = reasonOf(error);
      trace.failed(reason);
      return { outcomes: all({ kind: 'later', reason }), askedWait: 0 };
    }
  }

  private async outgoing({ method, path, contentType, body }: ApiRequest) {
    const url = new URL(`${this.base.pathname.replace(/\/$/, '')}${path}`, this.base);
    const trace = new RequestTrace(this.options.tracing, method, url);
    const unauthorised = { 'content-type': contentType, ...trace.headers };
    const headers = await this.authorise({ method, url, headers: unauthorised, body });
    return { trace, outgoing: { method, path: url.pathname, headers, body } };
  }
}

function httpUrl(string: string): URL {
  if (!isApiUrl(string)) {
    throw new TypeError('The URL to send to must be http:// or https://, with no user or password in it.');
  }
  return new URL(string);
}

/** Tells whether posts can be sent to a URL: one of HTTP that holds no secret. */
export function isApiUrl(string: string): boolean {
  if (!URL.canParse(string)) {
    return false;
  }
  const { protocol, username, password } = new URL(string);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

function inParts<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, part) =>
    list.slice(part * size, (part + 1) * size),
  );
}

/** The code of a failed connection, such as ECONNRESET; else that the answer could not be read. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable answer';
}
