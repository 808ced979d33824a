/** Spans of requests that an HTTP server answers (semantic conventions for HTTP spans). */
import type { IncomingMessage } from 'node:http';
import { type Span, SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { templateOf } from './http_metrics.ts';
import { spanContextOf, traceparentOf } from './traceparent.ts';
import { endWithError, type Tracing } from './tracing.ts';

const traceparents = new WeakMap<IncomingMessage, string>();

/** The context of a request's span; undefined when the request is not traced, or not sampled. */
export function traceparentOfRequest(request: FastifyRequest): string | undefined {
  return traceparents.get(request.raw);
}

/** Traces the requests of a scope, as children of the callers' spans. Those that its server does not let in are not seen. */
export function traceRequests(scope: FastifyInstance, tracing: Tracing): void {
  scope.addHook('onRequest', (request, reply, done) => {
    const { method, raw, routeOptions, protocol } = request;
    const route = templateOf(routeOptions.url ?? '');
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'url.path': raw.url?.replace(/\?.*$/s, '') ?? '',
      'url.scheme': protocol,
    };
    const options = { kind: SpanKind.SERVER, attributes };
    const span = tracing.start(`${method} ${route}`, options, spanContextOf(raw.headers.traceparent));
    if (span !== undefined) {
      traceparents.set(raw, traceparentOf(span.spanContext()));
      reply.raw.once('close', () => endRequest(span, reply));
    }
    done();
  });
}

function endRequest(span: Span, { raw }: FastifyReply): void {
  if (!raw.writableFinished) {
    endWithError(span, 'cut_off');
    return;
  }
  span.setAttribute('http.response.status_code', raw.statusCode);
  if (raw.statusCode >= 500) {
    endWithError(span, String(raw.statusCode));
  } else {
    span.end();
  }
}
