/** Metrics of an HTTP server, and `/metrics`. */
import type { Attributes } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServer } from '../serving/server.ts';
import type { Histogram, Series } from './histogram.ts';
import type { Telemetry } from './telemetry.ts';

/** Seconds, as the semantic conventions advise. */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Counts the requests of a server by path template and status, and serves all metrics of the process. */
export function serveMetrics(server: HttpServer, telemetry: Telemetry): void {
  const durations = telemetry.histogram({
    name: 'http.server.request.duration',
    description: 'Time from the headers of a request to the end of its answer.',
    boundaries,
  });
  telemetry.observe(() => [
    {
      name: 'http.server.active_requests',
      unit: '{request}',
      description: 'Requests under way.',
      kind: 'up_down_counter',
      values: [[server.activeRequests]],
    },
  ]);
  const { app } = server;
  // Each route has its own hook, which knows its template: to ask a request for its route takes a microsecond.
  app.addHook('onRoute', (route) => {
    const recorder = recorderOf(durations, route.url);
    route.onResponse = [route.onResponse ?? [], recorder].flat();
  });
  const recordUnknown = recorderOf(durations, '');
  app.addHook('onResponse', (request, reply, done) => {
    if (request.is404) {
      recordUnknown(request, reply, done);
    } else {
      done();
    }
  });
  app.get('/metrics', async (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await telemetry.prometheus()),
  );
}

/** Records the requests of one route, by method and status. */
function recorderOf(durations: Histogram, route: string) {
  const series = new Map<string, Map<number, Series>>();
  return ({ method }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply, done: () => void): void => {
    let ofMethod = series.get(method);
    if (ofMethod === undefined) {
      ofMethod = new Map();
      series.set(method, ofMethod);
    }
    let ofStatus = ofMethod.get(statusCode);
    if (ofStatus === undefined) {
      ofStatus = durations.withAttributes(attributesOf(method, route, statusCode));
      ofMethod.set(statusCode, ofStatus);
    }
    ofStatus.record(elapsedTime / 1000);
    done();
  };
}

/**
 * The path is written as in the API's document: the router says `:stream_name` for `{stream-name}`. Requests of unknown paths
 * count together, since a caller could make any number of paths.
 */
function attributesOf(method: string, route: string, statusCode: number): Attributes {
  const template = route.replace(/:(\w+)/g, (_, name: string) => `{${name.replaceAll('_', '-')}}`);
  return {
    'http.request.method': method,
    'http.response.status_code': statusCode,
    ...(route === '' ? {} : { 'http.route': template }),
  };
}
