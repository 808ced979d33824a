/**
 * An HTTP server that can be left open to others: it answers to its own names alone, over TLS where it has a
 * certificate, to callers whom it knows; it bounds what each of them and all together can use; and it ends within a bound.
 */
import { X509Certificate } from 'node:crypto';
import { createServer, IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Access, addressOf, openAccess } from './access.ts';
import { isOurHost, isOurOrigin } from './hosts.ts';
import { MeasuredResponse, type Recorder } from './measured_response.ts';
import { RateLimiter } from './rate_limiter.ts';
import { Refused, UnknownCaller } from './refused.ts';

/** PEM. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
}

/** The address of a server and who may use it. */
export interface Exposure {
  /** Default: 127.0.0.1, which no other machine reaches. */
  readonly host?: string;
  /** Further names that the server answers to. */
  readonly names?: readonly string[];
  /** Default: HTTP without TLS. */
  readonly tls?: (Tls & { readonly onRenewal?: (listener: (renewed: Tls) => void) => void }) | undefined;
  /** Default: everybody. */
  readonly access?: Access;
  /** Requests a second of each caller; others are answered with 429. Default: no limit. */
  readonly requestsPerSecond?: number;
}

/** Bounds of a server, in milliseconds. */
export interface ServerLimits {
  /** Open connections; more are closed at once. */
  readonly connections: number;
  /** Time in which the headers of a request must have arrived. */
  readonly headerMilliseconds: number;
  /** Time in which a whole request must have arrived. */
  readonly requestMilliseconds: number;
  /** Time after which a connection on which nothing moves is closed. */
  readonly idleMilliseconds: number;
  /** Time that requests under way have to end once the server closes. */
  readonly closeMilliseconds: number;
}

const defaultLimits: ServerLimits = {
  connections: 2048,
  headerMilliseconds: 10_000,
  requestMilliseconds: 30_000,
  idleMilliseconds: 120_000,
  closeMilliseconds: 10_000,
};

export interface HttpServerOptions {
  readonly exposure?: Exposure | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Called when a request is over: answered, or cut off. */
  readonly onClosed?: (request: IncomingMessage) => void;
  /** The largest body that fastify itself reads. */
  readonly bodyBytes?: number;
  /** Answers a request that is not taken, in the shape of the server's other errors. */
  readonly refuse: (request: FastifyRequest, reply: FastifyReply, refused: Refused) => FastifyReply;
}

/** Paths that need no key and count for no limit: they tell a load balancer and nobody else anything. */
const openPaths = ['/health/live', '/health/ready'];

/** Attempts a second from one address with no key, or a wrong one. */
const failedAttemptsPerSecond = 5;

/** A fastify app with bounds around it. */
export class HttpServer {
  readonly app: FastifyInstance;
  /** Gives the recorder of a route by its path; that of paths that do not exist without one. */
  recorderOf: ((route: string | undefined) => Recorder) | undefined;
  private readonly host: string;
  private readonly limits: ServerLimits;
  private readonly sockets = new Set<Socket>();
  private closing = false;
  /** The certificate whose names the server answers to. */
  private certificate: X509Certificate | undefined;
  private active = 0;

  constructor(private readonly options: HttpServerOptions) {
    const { exposure = {}, refuse } = options;
    this.host = exposure.host ?? '127.0.0.1';
    this.limits = { ...defaultLimits, ...options.limits };
    this.app = Fastify({
      serverFactory: (handler) => this.serverFor(handler),
      forceCloseConnections: 'idle',
      ...(options.bodyBytes === undefined ? {} : { bodyLimit: options.bodyBytes }),
      // The hook below answers these, in the shape of other errors.
      return503OnClosing: false,
      clientErrorHandler: answerClientError,
      frameworkErrors: (error, request, reply) => {
        refuse(request, reply, new Refused(error.statusCode ?? 400, error.message));
      },
      // Bodies are checked as they are: nothing is converted, filled in or taken out.
      ajv: {
        customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false },
      },
    });
    this.app.addHook('onRequest', this.gate(exposure));
  }

  /** Requests under way. */
  get activeRequests(): number {
    return this.active;
  }

  /** `http://host:port`, without a slash at the end. */
  get url(): string {
    const address = this.app.server.address();
    const port = address instanceof Object ? address.port : 0;
    const scheme = this.options.exposure?.tls ? 'https' : 'http';
    return `${scheme}://${this.host.includes(':') ? `[${this.host}]` : this.host}:${port}`;
  }

  /** @throws when the address cannot be listened on */
  async listen(port: number): Promise<void> {
    // Connections that come at once must not be dropped, to be tried again by their callers after seconds.
    await this.app.listen({ host: this.host, port, backlog: this.limits.connections });
  }

  /** Takes no new requests, lets those under way end for a while, and ends. */
  async close(): Promise<void> {
    this.closing = true;
    const cut = setTimeout(() => {
      for (const socket of this.sockets) {
        socket.destroy();
      }
    }, this.limits.closeMilliseconds);
    await this.app.close();
    clearTimeout(cut);
  }

  private serverFor(handler: (request: IncomingMessage, response: ServerResponse) => void): Server {
    const { limits } = this;
    const tls = this.options.exposure?.tls;
    const bounds = {
      IncomingMessage,
      ServerResponse: MeasuredResponse,
      headersTimeout: limits.headerMilliseconds,
      requestTimeout: limits.requestMilliseconds,
      connectionsCheckingInterval: Math.min(1000, limits.headerMilliseconds),
      keepAliveTimeout: 72_000,
    };
    const over = (response: MeasuredResponse): void => {
      this.active -= 1;
      this.options.onClosed?.(response.req);
      response.record(response.recorder ?? this.recorderOf?.(undefined));
      if (this.closing) {
        // A connection of which a request was under way at the end is kept open after it by default.
        setImmediate(() => this.app.server.closeIdleConnections());
      }
    };
    // One listener for all requests: they are many.
    function onClose(this: MeasuredResponse): void {
      over(this);
    }
    const counted = (request: IncomingMessage, response: MeasuredResponse): void => {
      this.active += 1;
      response.on('close', onClose);
      handler(request, response);
    };
    const server = tls ? this.tlsServer(tls, bounds, counted) : createServer(bounds, counted);
    server.maxConnections = limits.connections;
    server.setTimeout(limits.idleMilliseconds);
    // With TLS, `connection` is the socket below: a handshake that never ends is cut off too.
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    return server;
  }

  private tlsServer(
    tls: NonNullable<Exposure['tls']>,
    bounds: Parameters<typeof createTlsServer<typeof IncomingMessage, typeof MeasuredResponse>>[0],
    handler: (request: IncomingMessage, response: MeasuredResponse) => void,
  ): Server<typeof IncomingMessage, typeof MeasuredResponse> {
    const contextOf = ({ certificate, key }: Tls) => ({ cert: certificate, key });
    const server = createTlsServer({ ...bounds, ...contextOf(tls), handshakeTimeout: 10_000 }, handler);
    this.certificate = new X509Certificate(tls.certificate);
    // Connections that are open go on with the old one.
    tls.onRenewal?.((renewed) => {
      server.setSecureContext(contextOf(renewed));
      this.certificate = new X509Certificate(renewed.certificate);
    });
    return server;
  }

  /** Lets requests in, or answers them. */
  private gate(exposure: Exposure) {
    const { access = openAccess, requestsPerSecond = Infinity, tls, names = [] } = exposure;
    const limiter = new RateLimiter(requestsPerSecond);
    const failures = new RateLimiter(failedAttemptsPerSecond);
    const refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown) => {
      const refused = error instanceof Refused ? error : new Refused(500, String(error));
      if (refused instanceof UnknownCaller) {
        failures.take(addressOf(request.raw));
      }
      // The hooks of its route do not see it.
      measure(reply, this.recorderOf?.(request.routeOptions.url));
      this.options.refuse(request, reply, refused);
    };
    const admit = (caller: string) => {
      const seconds = limiter.take(caller);
      if (seconds > 0) {
        throw new Refused(429, 'Too Many Requests', seconds);
      }
    };
    return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      const { headers } = request.raw;
      try {
        if (this.closing) {
          reply.header('connection', 'close');
          throw new Refused(503, 'The server is ending. Send the request again.', 1);
        }
        if (!isOurHost(headers.host, { host: this.host, names, certificate: this.certificate })) {
          throw new Refused(
            421,
            `This server does not answer to the host ${headers.host ?? '(none)'}: start it with --name NAME if that is its own.`,
          );
        }
        if (!isOurOrigin(headers, tls ? 'https' : 'http')) {
          throw new Refused(403, `Requests from pages of ${String(headers.origin)} are not taken.`);
        }
        if (openPaths.includes(request.raw.url ?? '')) {
          done();
          return;
        }
        const seconds = access === openAccess ? 0 : failures.wait(addressOf(request.raw));
        if (seconds > 0) {
          throw new Refused(429, 'Too Many Requests', seconds);
        }
        const caller = access(request.raw);
        if (typeof caller === 'string') {
          admit(caller);
          done();
          return;
        }
        caller.then(admit).then(done, (error) => refuse(request, reply, error));
      } catch (error) {
        refuse(request, reply, error);
      }
    };
  }
}

/** Has a response recorded when it was sent. */
export function measure({ raw }: FastifyReply, recorder: Recorder | undefined): void {
  if (raw instanceof MeasuredResponse) {
    raw.recorder = recorder;
  }
}

/** Says when a refused request may be taken, where that is known. */
export function withRetryAfter(reply: FastifyReply, { retryAfterSeconds }: Refused): FastifyReply {
  return retryAfterSeconds === undefined
    ? reply
    : reply.header('retry-after', String(Math.ceil(retryAfterSeconds)));
}

/** Answers what is not HTTP, has too long headers, or did not come in time. There is no request yet that a hook could see. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const reason = STATUS_CODES[status];
  const body = JSON.stringify({ message: reason });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
