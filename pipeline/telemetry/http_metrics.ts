/** Metrics of an HTTP server, and `/metrics`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Telemetry } from './telemetry.ts';

/** Seconds, as the semantic conventions advise. */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Counts the requests of a server by path template and status, and serves all metrics of the process. */
export function serveMetrics(app: FastifyInstance, { meter, prometheus }: Telemetry): void {
  const durations = meter.createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Time from the headers of a request to the end of its answer.',
    advice: { explicitBucketBoundaries: boundaries },
  });
  let active = 0;
  meter
    .createObservableUpDownCounter('http.server.active_requests', {
      unit: '{request}',
      description: 'Requests under way.',
    })
    .addCallback((result) => result.observe(active));
  app.addHook('onRequest', (_, reply, done) => {
    active += 1;
    reply.raw.once('close', () => {
      active -= 1;
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    durations.record(reply.elapsedTime / 1000, attributesOf(request, reply));
    done();
  });
  app.get('/metrics', async (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await prometheus()),
  );
}

const templates = new Map<string, string>();

/** The path as the API's document writes it: the router says `:stream_name` for `{stream-name}`. */
function templateOf(route: string): string {
  const template =
    templates.get(route) ?? route.replace(/:(\w+)/g, (_, name: string) => `{${name.replaceAll('_', '-')}}`);
  templates.set(route, template);
  return template;
}

/** Requests of unknown paths count together: a caller could make any number of paths. */
function attributesOf({ method, routeOptions: { url } }: FastifyRequest, { statusCode }: FastifyReply) {
  return {
    'http.request.method': method,
    'http.response.status_code': statusCode,
    ...(url === undefined ? {} : { 'http.route': templateOf(url) }),
  };
}
