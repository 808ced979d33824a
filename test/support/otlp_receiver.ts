/** An OpenTelemetry receiver: OTLP over HTTP. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';

export interface OtlpReceiver {
  readonly url: string;
  /** Bodies received, by path (`/v1/metrics`); JSON is parsed, protobuf is a string of its bytes, in which texts stand as they are. */
  readonly received: { readonly path: string; readonly type: string; readonly body: unknown }[];
  close(): void;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received: { path: string; type: string; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const type = request.headers['content-type'] ?? '';
    const bytes = await buffer(request);
    const isJson = type === 'application/json';
    const body: unknown = isJson ? JSON.parse(bytes.toString()) : bytes.toString('latin1');
    received.push({ path: request.url ?? '', type, body });
    response.setHeader('content-type', type).end(isJson ? '{}' : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address instanceof Object ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A span, as OTLP's JSON writes it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  /** 2: server, 3: client, 4: producer, 5: consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed: boolean;
}

const attributeList = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]])));

const link = z.object({ traceId: z.string(), spanId: z.string() });

const traceRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributeList }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            link.extend({
              name: z.string(),
              kind: z.number(),
              parentSpanId: z.string().optional(),
              attributes: attributeList,
              links: z.array(link).default([]),
              status: z.object({ code: z.number().default(0) }),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** All spans that have come as JSON. */
export function spansIn({ received }: OtlpReceiver): readonly ReceivedSpan[] {
  return received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => traceRequest.parse(body).resourceSpans)
    .flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map(({ status, parentSpanId, ...span }) => ({
          ...span,
          ...(parentSpanId ? { parentSpanId } : {}),
          service: String(resource.attributes['service.name']),
          failed: status.code === 2,
        })),
      ),
    );
}

/** The values of every field of a name in JSON, at any depth. */
export function fieldsNamed(value: unknown, name: string): unknown[] {
  return value instanceof Object
    ? Object.entries(value).flatMap(([key, part]) => [
        ...(key === name ? [part] : []),
        ...fieldsNamed(part, name),
      ])
    : [];
}
