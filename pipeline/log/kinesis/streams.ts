/** Streams as a whole: their names, shards and retention, and how they come and go. */

import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  type Shard as KinesisShard,
  ListShardsCommand,
  type ListShardsCommandOutput,
  paginateListStreams,
} from '@aws-sdk/client-kinesis';
import { Backoff } from '../../retry.ts';
import { LogError } from '../log.ts';
import { kinesisError, nameOf } from './errors.ts';

const hourMilliseconds = 3_600_000;
const defaultRetentionHours = 24;
/** Creating or deleting a stream takes AWS up to some minutes; for two of them its state is asked for. */
const statePolls = { firstPauseMilliseconds: 25, longestPauseMilliseconds: 500, attempts: 241 };

/** The streams of an account in a region. */
export class StreamCatalogue {
  /**
   * @param where the API's name in errors: `Kinesis in eu-west-1`
   * @param closing aborted when the log is closed: nothing is waited for any more
   */
  constructor(
    private readonly client: KinesisClient,
    private readonly where: string,
    private readonly closing: AbortSignal,
  ) {}

  async names(): Promise<readonly string[]> {
    return this.ask('Listing the streams', async () => {
      const names: string[] = [];
      for await (const { StreamNames } of paginateListStreams({ client: this.client }, {})) {
        names.push(...(StreamNames ?? []));
      }
      return names.sort();
    });
  }

  /** @throws LogError `unknown_topic` */
  async shards(stream: string): Promise<readonly KinesisShard[]> {
    return this.ask(`Listing the shards of ${stream}`, async () => {
      const shards: KinesisShard[] = [];
      // A token says which stream it is for; the name may not come with it.
      let page: { StreamName: string } | { NextToken: string } | null = { StreamName: stream };
      while (page !== null) {
        const answer: ListShardsCommandOutput = await this.client.send(new ListShardsCommand(page));
        shards.push(...(answer.Shards ?? []));
        page = answer.NextToken === undefined ? null : { NextToken: answer.NextToken };
      }
      return shards;
    });
  }

  async retentionMilliseconds(stream: string): Promise<number> {
    return ((await this.summary(stream))?.RetentionPeriodHours ?? defaultRetentionHours) * hourMilliseconds;
  }

  /** Creates a stream and waits until it is active; false when one of that name exists. */
  async create(stream: string, shards: number): Promise<boolean> {
    if (!(await this.requestCreation(stream, shards))) {
      return false;
    }
    for (const backoff = new Backoff(statePolls, this.closing); !backoff.isLast; await backoff.pause()) {
      const status = await this.statusOf(stream);
      if (status === 'ACTIVE') {
        return true;
      }
      // The deletion of an earlier stream of this name may have taken the new one with it.
      if (status === undefined) {
        await this.requestCreation(stream, shards);
      }
    }
    throw new LogError(
      'unavailable',
      `The stream ${stream} was created, but is not active yet (${this.where}).`,
    );
  }

  /** Deletes a stream and waits until it is gone. @throws LogError `unknown_topic` */
  async delete(stream: string): Promise<void> {
    await this.ask(`Deleting the stream ${stream}`, () =>
      this.client.send(new DeleteStreamCommand({ StreamName: stream })),
    );
    for (const backoff = new Backoff(statePolls, this.closing); !backoff.isLast; await backoff.pause()) {
      if ((await this.statusOf(stream)) === undefined) {
        return;
      }
    }
    throw new LogError(
      'unavailable',
      `The stream ${stream} takes long to be deleted (${this.where}). Kinesis continues to delete it.`,
    );
  }

  /** Turns an SDK's error into the log's terms; an unknown stream is corrected more easily when the others are named. */
  async explain(error: unknown): Promise<LogError> {
    const failure = kinesisError(error, this.where);
    if (failure.code !== 'unknown_topic') {
      return failure;
    }
    const names = await this.names().catch(() => []);
    const existing = names.length === 0 ? '' : ` There are: ${names.join(', ')}.`;
    return new LogError('unknown_topic', `${failure.message}${existing}`, { cause: failure });
  }

  private async requestCreation(stream: string, shards: number): Promise<boolean> {
    try {
      await this.client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: shards }));
      return true;
    } catch (error) {
      if (nameOf(error) === 'ResourceInUseException') {
        return false;
      }
      throw kinesisError(error, `Creating the stream ${stream} (${this.where})`);
    }
  }

  /** The state of a stream, undefined when it does not exist. */
  private async statusOf(stream: string): Promise<string | undefined> {
    try {
      return (await this.summary(stream))?.StreamStatus;
    } catch (error) {
      if (error instanceof LogError && error.code === 'unknown_topic') {
        return undefined;
      }
      throw error;
    }
  }

  private async summary(stream: string) {
    return this.ask(`Describing the stream ${stream}`, async () => {
      const answer = await this.client.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
      return answer.StreamDescriptionSummary;
    });
  }

  private async ask<T>(doing: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw await this.explain(kinesisError(error, `${doing} (${this.where})`));
    }
  }
}
