/** Spans of requests that are sent (semantic conventions for HTTP spans). */
import { type Span, SpanKind } from '@opentelemetry/api';
import { traceparentOf } from '../../pipeline/telemetry/traceparent.ts';
import { endWithError, type Tracing } from '../../pipeline/telemetry/tracing.ts';

/** One attempt at a request; does nothing where it is not traced. */
export class RequestTrace {
  /** The headers that hand the trace on. */
  readonly headers: Readonly<Record<string, string>>;
  private readonly span: Span | undefined;

  constructor(tracing: Tracing | undefined, method: string, url: URL) {
    this.span = tracing?.start(method, {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': method,
        'server.address': url.hostname,
        'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
        'url.full': url.href,
      },
    });
    this.headers = this.span ? { traceparent: traceparentOf(this.span.spanContext()) } : {};
  }

  answered(status: number): void {
    this.span?.setAttribute('http.response.status_code', status);
    if (status >= 400) {
      this.failed(String(status));
    } else {
      this.span?.end();
    }
  }

  /** @param reason the status, or the code of what kept the answer away */
  failed(reason: string): void {
    if (this.span) {
      endWithError(this.span, reason);
    }
  }
}
