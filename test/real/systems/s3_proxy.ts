import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Forwards requests to S3, and reports each one that writes, before and after it. */
export class S3Proxy {
  onWrite: (isDone: boolean) => void = () => {};
  private readonly server: Server;

  constructor(private readonly target: string) {
    this.server = createServer((from, to) => this.forward(from, to));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private forward(from: IncomingMessage, to: ServerResponse): void {
    const { method, headers, url = '/' } = from;
    const writes = method === 'PUT' || method === 'POST';
    if (writes) {
      this.onWrite(false);
    }
    const asked = request(new URL(url, this.target), { method, headers }, (answer) => {
      if (writes) {
        this.onWrite(true);
      }
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(to);
    });
    // A killed client neither sends the rest nor waits for an answer.
    asked.on('error', () => to.destroy());
    from.on('error', () => asked.destroy());
    to.on('error', () => asked.destroy());
    from.pipe(asked);
  }
}
