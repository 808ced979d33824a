/** The three streams of the stream path. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';

export interface StreamsArgs {
  readonly names: readonly string[];
  readonly streams: Settings['streams'];
  readonly protectData: boolean;
}

/** Encrypted streams, on demand or of a set number of shards. */
export class Streams extends pulumi.ComponentResource {
  readonly names: readonly string[];
  /** ARNs of the streams, in the order of the names. */
  readonly arns: readonly pulumi.Output<string>[];

  constructor(name: string, args: StreamsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { names, streams, protectData } = args;
    super('pinterest:kinesis:Streams', name, {}, opts);
    this.names = names;
    this.arns = names.map(
      (stream) =>
        new aws.kinesis.Stream(
          `${name}-${stream}`,
          {
            name: stream,
            streamModeDetails: { streamMode: streams.mode === 'on-demand' ? 'ON_DEMAND' : 'PROVISIONED' },
            ...(streams.mode === 'shards' ? { shardCount: streams.shards } : {}),
            retentionPeriod: streams.retentionHours,
            encryptionType: 'KMS',
            kmsKeyId: 'alias/aws/kinesis',
            enforceConsumerDeletion: !protectData,
          },
          { parent: this, protect: protectData },
        ).arn,
    );
    this.registerOutputs({ names });
  }
}
