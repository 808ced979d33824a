/** An OpenTelemetry receiver: OTLP over HTTP. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

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

/** The values of every field of a name in JSON, at any depth. */
export function fieldsNamed(value: unknown, name: string): unknown[] {
  return value instanceof Object
    ? Object.entries(value).flatMap(([key, part]) => [
        ...(key === name ? [part] : []),
        ...fieldsNamed(part, name),
      ])
    : [];
}
