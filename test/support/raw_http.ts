/** HTTP as an attacker writes it: bytes on a socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection to the server of a URL. */
export class RawConnection {
  received = '';
  readonly closed: Promise<unknown>;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (part: string) => {
      this.received += part;
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Waits until the server has closed the connection; gives the last answer before. */
  async answer(): Promise<RawAnswer> {
    await this.closed;
    return answerIn(this.received);
  }

  /** Waits for an answer with a Content-Length. */
  async firstAnswer(): Promise<RawAnswer> {
    for (;;) {
      const answer = answerIn(this.received);
      if (answer.body !== '' && answer.body.length >= Number(answer.headers['content-length'])) {
        return answer;
      }
      await once(this.socket, 'data');
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Sends one request, as it is written, and reads the answer until the connection is closed. */
export async function rawRequest(url: string, text: string): Promise<RawAnswer> {
  const connection = await RawConnection.open(url);
  connection.send(text);
  return connection.answer();
}

function answerIn(text: string): RawAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name.toLowerCase(), value.join(':').trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body };
}
