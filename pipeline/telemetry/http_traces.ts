/** Spans of requests that an HTTP server answers (semantic conventions for HTTP spans). */
import type { IncomingMessage } from 'node:http';
import { type Span, SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { templateOf } from './http_metrics.ts';
import { spanContextOf, traceparentOf } from './traceparent.ts';
import { endWithError, type Tracing } from './tracing.ts';

const server = { kind: SpanKind.SERVER };
const traceparents = new WeakMap<IncomingMessage, string>();

/** The context of a request's span; undefined when the request is not traced, or not sampled. */
export function traceparentOfRequest(request: FastifyRequest): string | undefined {
  return traceparents.get(request.raw);
}

/** Traces the requests of a scope's routes, as children of the callers' spans. Those that its server does not let in are not seen. */
export function traceRequests(scope: FastifyInstance, tracing: Tracing): void {
  // Each route has its own hook, which knows its template: to ask a request for its route takes a microsecond.
  scope.addHook('onRoute', (route) => {
    const template = templateOf(route.url);
    const begin = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      beginRequest(tracing, template, request, reply);
      done();
    };
    route.onRequest = [route.onRequest ?? [], begin].flat();
  });
}

function beginRequest(tracing: Tracing, route: string, request: FastifyRequest, reply: FastifyReply): void {
  const { method, raw } = request;
  const parent = spanContextOf(raw.headers.traceparent);
  const span = tracing.start(`${method} ${route}`, server, parent);
  // Most requests are not sampled, and need no attributes.
  if (span === undefined) {
    return;
  }
  span.setAttributes({
    'http.request.method': method,
    'http.route': route,
    'url.path': raw.url?.replace(/\?.*$/s, '') ?? '',
    'url.scheme': request.protocol,
  });
  traceparents.set(raw, traceparentOf(span.spanContext()));
  reply.raw.once('close', () => endRequest(span, reply));
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
