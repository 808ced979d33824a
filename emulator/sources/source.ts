import type { Post } from '../event.ts';

/** A source of posts. */
export interface PostSource {
  /**
   * The next post, or null when there are no more. May be asked again before it has answered.
   * @throws when there will be no more because the source is broken; it waits as long as it may come back
   */
  next(signal: AbortSignal): Promise<Post | null>;
  close(): Promise<void>;
}
