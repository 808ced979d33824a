/** Metrics of an HTTP server, and `/metrics`. */
import type { Attributes } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Recorder } from '../serving/measured_response.ts';
import { type HttpServer, measure } from '../serving/server.ts';
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
  const recorders = new Map<string | undefined, Recorder>();
  const recorderOf = (route: string | undefined): Recorder => {
    const recorder = recorders.get(route) ?? newRecorder(durations, route);
    recorders.set(route, recorder);
    return recorder;
  };
  server.recorderOf = recorderOf;
  // Each route has its own hook, which knows its template: to ask a request for its route takes a microsecond.
  app.addHook('onRoute', (route) => {
    const recorder = recorderOf(route.url);
    const select = (_: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      measure(reply, recorder);
      done();
    };
    route.onRequest = [route.onRequest ?? [], select].flat();
  });
  app.get('/metrics', async (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await telemetry.prometheus()),
  );
}

/** Records the requests of one route, by method and status. */
function newRecorder(durations: Histogram, route: string | undefined): Recorder {
  const series = new Map<string, Map<number, Series>>();
  return (method, status, seconds) => {
    let ofMethod = series.get(method);
    if (ofMethod === undefined) {
      ofMethod = new Map();
      series.set(method, ofMethod);
    }
    let ofStatus = ofMethod.get(status);
    if (ofStatus === undefined) {
      ofStatus = durations.withAttributes(attributesOf(method, route, status));
      ofMethod.set(status, ofStatus);
    }
    ofStatus.record(seconds);
  };
}

/** Requests of unknown paths count together, since a caller could make any number of paths. */
function attributesOf(method: string, route: string | undefined, statusCode: number): Attributes {
  return {
    'http.request.method': method,
    'http.response.status_code': statusCode,
    ...(route === undefined ? {} : { 'http.route': templateOf(route) }),
  };
}

/** The path of a route as the API's document writes it: the router says `:stream_name` for `{stream-name}`. */
export function templateOf(route: string): string {
  return route.replace(/:(\w+)/g, (_, name: string) => `{${name.replaceAll('_', '-')}}`);
}
