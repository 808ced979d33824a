/** What the API may do with streams on behalf of those who call it. */
import { allow, deny, type Place, type PolicyDocument, policy } from '../iam/document.ts';

export interface ApiPolicyArguments {
  readonly place: Place;
  /** What streams of the API's users begin with, such as `streaming-`. */
  readonly streamPrefix: string;
  /** The pipeline's own, which nobody deletes through the API. */
  readonly ownStreams: readonly string[];
}

export function apiPolicy({ place, streamPrefix, ownStreams }: ApiPolicyArguments): PolicyDocument {
  const stream = (name: string) => `arn:aws:kinesis:${place.region}:${place.accountId}:stream/${name}`;
  return policy(
    // Kinesis knows no resource for listing; the response template leaves out what has another prefix.
    allow('ListStreams', ['kinesis:ListStreams'], ['*']),
    allow(
      'UseStreamsOfThePrefix',
      [
        'kinesis:CreateStream',
        'kinesis:DeleteStream',
        'kinesis:DescribeStream',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:PutRecord',
        'kinesis:PutRecords',
      ],
      [stream(`${streamPrefix}*`)],
    ),
    deny('KeepTheOwnStreams', ['kinesis:DeleteStream'], ownStreams.map(stream)),
  );
}
