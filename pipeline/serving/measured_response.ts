/** A response that tells how long it took, at a small part of what a hook of the framework costs. */
import { type IncomingMessage, ServerResponse } from 'node:http';

export type Recorder = (method: string, status: number, seconds: number) => void;

export class MeasuredResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  /** Set by the route; undefined for a path that does not exist. */
  recorder: Recorder | undefined;
  private readonly startedAt = performance.now();

  /** Records it if it was sent whole. */
  record(recorder = this.recorder): void {
    if (this.writableFinished) {
      recorder?.(this.req.method ?? '', this.statusCode, (performance.now() - this.startedAt) / 1000);
    }
  }
}
