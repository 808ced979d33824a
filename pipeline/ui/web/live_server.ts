/**
 * Serves the live page:
 *
 *     GET  /               the page
 *     GET  /api/answers    {"<query name>": [{column: value}, …], …}
 *     GET  /api/status     the status of the stream (LiveStatus)
 *     GET  /api/events     server-sent events: `answer` and `status`, each when it has changed; `end` at the end
 *     POST /api/emulator   {"action": "pause"}, {"action": "resume"}, {"action": "rate", "rate": posts a second}
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { rowsOf } from '../../columns/table.ts';
import { serveHealth } from '../../serving/health.ts';
import { type Refused, UnknownCaller } from '../../serving/refused.ts';
import { type Exposure, HttpServer, withRetryAfter } from '../../serving/server.ts';
import { errorCode } from '../../storage/error.ts';
import { serveMetrics } from '../../telemetry/http_metrics.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { chartScript, echartsScript, pageFile } from './assets.ts';
import { contentSecurityPolicy, livePage } from './live_page.ts';
import { type LiveSource, statusOf } from './live_source.ts';
import { defaultTimes, LiveUpdates, type UpdateTimes } from './live_updates.ts';

export interface LivePageOptions {
  readonly source: LiveSource;
  /** Default: the loopback address, which no other machine reaches, and everybody there. */
  readonly exposure?: Exposure;
  /** Default: 8080, or a free port when that is taken. */
  readonly port?: number | undefined;
  /** Concurrent readers of events; more are refused with 503. Default: 256. */
  readonly maximumReaders?: number;
  readonly times?: Partial<UpdateTimes>;
  /** Counts requests, and is served at `/metrics`. Default: neither. */
  readonly telemetry?: Telemetry | undefined;
}

/** A running server of the live page. */
export interface LivePage {
  /** `http://host:port/`. */
  readonly url: string;
  /** Sends readers the last events and stops. */
  close(): Promise<void>;
}

/** Readers have been sent the end before; what they have not taken by then is not waited for. */
const limits = { closeMilliseconds: 500 };

/** Starts the server. @throws when the address cannot be listened on */
export async function startLivePage(options: LivePageOptions): Promise<LivePage> {
  const { source, exposure, port, maximumReaders = 256 } = options;
  const times = { ...defaultTimes, ...options.times };
  const updates = new LiveUpdates(source, times);
  const server = new HttpServer({ exposure, refuse: refuseRequest, bodyBytes: 10_000, limits });
  const { app } = server;
  // Forms of other pages can send text/plain, but not JSON.
  app.removeContentTypeParser('text/plain');
  app.addHook('onSend', async (_, reply) => {
    reply.headers(securityHeaders);
  });
  if (options.telemetry) {
    serveMetrics(server, options.telemetry);
  }
  serveHealth(server, () => {
    const { state, message } = source.stream.status();
    return state === 'running' ? undefined : `The stream is ${state}${message ? `: ${message}` : ''}.`;
  });
  addFiles(app);
  app.get('/', (_, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(livePage(answersOf(source), statusOf(source))),
  );
  app.get('/api/answers', (_, reply) =>
    reply
      .header('cache-control', 'no-store')
      .send(Object.fromEntries(answersOf(source).map(({ query, rows }) => [query.name, rows]))),
  );
  app.get('/api/status', (_, reply) => reply.header('cache-control', 'no-store').send(statusOf(source)));
  app.get('/api/events', (_, reply) => {
    if (updates.readers >= maximumReaders) {
      return refuse(reply.header('retry-after', '5'), 503, `${maximumReaders} readers are here already.`);
    }
    return sendEvents(reply, updates, times.patience);
  });
  app.post('/api/emulator', (request, reply) => controlEmulator(request, reply, source, updates));
  await listen(server, port);
  return {
    url: `${server.url}/`,
    close: async () => {
      await updates.close();
      await server.close();
    },
  };
}

/** A fixed port, so that an open page finds the server again after a restart. */
const defaultPort = 8080;

async function listen(server: HttpServer, port: number | undefined): Promise<void> {
  try {
    await server.listen(port ?? defaultPort);
  } catch (error) {
    if (port !== undefined || errorCode(error) !== 'EADDRINUSE') {
      throw error;
    }
    await server.listen(0);
  }
}

const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function addFiles(app: FastifyInstance): void {
  const files = {
    '/style.css': ['text/css; charset=utf-8', pageFile('style.css') + pageFile('live.css')],
    '/echarts.js': ['text/javascript; charset=utf-8', echartsScript()],
    '/live.js': ['text/javascript; charset=utf-8', chartScript() + pageFile('live.js')],
  } as const;
  for (const [path, [type, content]] of Object.entries(files)) {
    const tag = `"${createHash('sha256').update(content).digest('base64url')}"`;
    app.get(path, (request, reply) => {
      reply.headers({ etag: tag, 'cache-control': 'no-cache' });
      return request.headers['if-none-match'] === tag
        ? reply.code(304).send()
        : reply.type(type).send(content);
    });
  }
}

function answersOf(source: LiveSource) {
  return source.queries.map((query) => ({ query, rows: rowsOf(source.stream.answer(query)) }));
}

function sendEvents(reply: FastifyReply, updates: LiveUpdates, patience: number): void {
  // The framework must not write to the response from here on.
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    ...securityHeaders,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.setTimeout(patience, () => response.destroy());
  updates.add(response);
}

/** Posts a second that neither the generator nor one machine exceeds. */
const maximumRate = 10_000;

const emulatorRequest = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('pause') }),
  z.strictObject({ action: z.literal('resume') }),
  z.strictObject({ action: z.literal('rate'), rate: z.number().positive().max(maximumRate) }),
]);

function controlEmulator(
  request: FastifyRequest,
  reply: FastifyReply,
  source: LiveSource,
  updates: LiveUpdates,
) {
  const { emulator } = source;
  if (emulator === undefined) {
    return refuse(reply, 404, 'There is no emulator in this process.');
  }
  const asked = emulatorRequest.safeParse(request.body);
  if (!asked.success) {
    return refuse(
      reply,
      400,
      `Ask for {"action": "pause"}, {"action": "resume"}, or {"action": "rate", "rate": R} with R above 0 and at most ${maximumRate}.`,
    );
  }
  switch (asked.data.action) {
    case 'pause':
      emulator.pause();
      break;
    case 'resume':
      emulator.resume();
      break;
    case 'rate':
      emulator.setRate(asked.data.rate);
      break;
    default:
      asked.data satisfies never;
  }
  updates.schedule();
  return reply.send(emulator.status());
}

/** A browser asks its user for the key where it has none. */
function refuseRequest(_: FastifyRequest, reply: FastifyReply, refused: Refused): FastifyReply {
  const { statusCode, message } = refused;
  const isUnknown = refused instanceof UnknownCaller;
  return refuse(
    withRetryAfter(
      isUnknown ? reply.header('www-authenticate', 'Basic realm="key as password"') : reply,
      refused,
    ),
    isUnknown ? 401 : statusCode,
    message,
  );
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ message });
}
