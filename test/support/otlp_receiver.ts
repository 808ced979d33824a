/** An OpenTelemetry receiver: OTLP over HTTP, as JSON. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export interface OtlpReceiver {
  readonly url: string;
  /** What came, by path: `/v1/metrics`, `/v1/traces`. */
  readonly received: { readonly path: string; readonly body: unknown }[];
  close(): void;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received: { path: string; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    received.push({ path: request.url ?? '', body: JSON.parse(await text(request)) });
    response.setHeader('content-type', 'application/json').end('{}');
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

/** The values of every field of a name in JSON, at any depth. */
export function fieldsNamed(value: unknown, name: string): unknown[] {
  return value instanceof Object
    ? Object.entries(value).flatMap(([key, part]) => [
        ...(key === name ? [part] : []),
        ...fieldsNamed(part, name),
      ])
    : [];
}
