/** An HTTP endpoint on this machine that answers as a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';

/** A request as it came. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Endpoint {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** Starts one; `answer` is called when a request is there wholly. */
export async function startEndpoint(
  answer: (request: Received, response: ServerResponse, number: number) => void,
): Promise<Endpoint> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const body = Buffer.concat(parts).toString();
      received.push({ method, path, headers, body });
      answer({ method, path, headers, body }, response, received.length);
    });
    request.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address instanceof Object ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const produced = z.object({ records: z.array(z.object({ value: z.record(z.string(), z.unknown()) })) });

/** The events in the body of a `POST /topics/…`. */
export function producedEvents({ body }: Received): Record<string, unknown>[] {
  return produced.parse(JSON.parse(body)).records.map(({ value }) => value);
}

/** The REST proxy's reply when all records were accepted. */
export function allTaken(request: Received): string {
  const offsets = producedEvents(request).map((_, offset) => ({
    partition: 0,
    offset,
    error_code: null,
    error: null,
  }));
  return JSON.stringify({ offsets, key_schema_id: null, value_schema_id: null });
}
