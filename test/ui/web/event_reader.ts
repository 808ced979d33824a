/** Reads server-sent events as a browser does. */
import { get, type IncomingMessage } from 'node:http';
import type { Row } from '../../../pipeline/columns/table.ts';
import type { LiveStatus } from '../../../pipeline/ui/web/live_source.ts';

export interface ServerEvent {
  readonly event: string;
  readonly data: {
    readonly name?: string;
    readonly rows?: readonly Row[];
    readonly status?: LiveStatus;
    readonly charts?: unknown;
  };
}

export class EventReader {
  private readonly events: ServerEvent[] = [];
  private unread = '';
  private wake: () => void = () => {};

  /** Connects. @throws Error when the server does not answer with events */
  static async open(url: string): Promise<EventReader> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { agent: false }, resolve).once('error', reject);
    });
    if (response.statusCode !== 200) {
      response.destroy();
      throw new Error(`${url} answers with ${response.statusCode}.`);
    }
    return new EventReader(response);
  }

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8').on('data', (chunk: string) => this.read(chunk));
    response.on('error', () => this.wake()).on('close', () => this.wake());
  }

  /** The next `count` events; fewer when the connection ends before. */
  async take(count: number): Promise<ServerEvent[]> {
    while (this.events.length < count && !this.response.destroyed) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.events.splice(0, count);
  }

  /** The next wanted event, skipping those before it. @throws Error when the connection ends before */
  async takeUntil(isWanted: (event: ServerEvent) => boolean): Promise<ServerEvent> {
    for (;;) {
      const [event] = await this.take(1);
      if (event === undefined) {
        throw new Error('The events ended before the wanted one.');
      }
      if (isWanted(event)) {
        return event;
      }
    }
  }

  close(): void {
    this.response.destroy();
  }

  private read(chunk: string): void {
    const blocks = (this.unread + chunk).split('\n\n');
    this.unread = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (event !== undefined && data !== undefined) {
        this.events.push({ event, data: JSON.parse(data) });
      }
    }
    this.wake();
  }
}
