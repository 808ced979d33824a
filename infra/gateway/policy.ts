/** Permissions of the API on streams, on behalf of its callers. */
import { type AccountRegion, allow, deny, type PolicyDocument, policy } from '../iam/document.ts';

export interface ApiPolicyArgs {
  readonly accountRegion: AccountRegion;
  /** The prefix of streams of the API's users, such as `streaming-`. */
  readonly streamPrefix: string;
  /** The pipeline's own, which nobody deletes through the API. */
  readonly ownStreams: readonly string[];
  /** Callers may create and delete streams: those whom IAM knows, and no holder of a key. */
  readonly managesStreams: boolean;
}

export function apiPolicy({
  accountRegion,
  streamPrefix,
  ownStreams,
  managesStreams,
}: ApiPolicyArgs): PolicyDocument {
  const stream = (name: string) =>
    `arn:aws:kinesis:${accountRegion.region}:${accountRegion.accountId}:stream/${name}`;
  return policy(
    // Kinesis knows no resource for listing; the response template leaves out what has another prefix.
    allow('ListStreams', ['kinesis:ListStreams'], ['*']),
    allow(
      'UseStreamsWithPrefix',
      [
        ...(managesStreams ? ['kinesis:CreateStream', 'kinesis:DeleteStream'] : []),
        'kinesis:DescribeStream',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:PutRecord',
        'kinesis:PutRecords',
      ],
      [stream(`${streamPrefix}*`)],
    ),
    deny('DenyDeleteOwnStreams', ['kinesis:DeleteStream'], ownStreams.map(stream)),
  );
}
