/** Turns errors of the AWS SDK into the terms that every log shares, with advice on what to do. */

import { LogError, type LogErrorCode } from '../log.ts';

interface Meaning {
  readonly code: LogErrorCode;
  readonly advice: string;
}

const permissions =
  'Allow it in the IAM policy of the identity in use (kinesis:ListStreams, ListShards, DescribeStreamSummary, PutRecords, GetShardIterator, GetRecords; CreateStream and DeleteStream where streams are made and deleted).';
const signIn = 'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile or the role.';

const meanings: Readonly<Record<string, Meaning>> = {
  ResourceNotFoundException: {
    code: 'unknown_topic',
    advice: 'Check the name and the region, or create the stream.',
  },
  ProvisionedThroughputExceededException: {
    code: 'throttled',
    advice:
      'A shard takes 1 MiB or 1,000 records a second and gives 2 MiB in 5 reads: add shards or go slower.',
  },
  LimitExceededException: { code: 'throttled', advice: 'Wait, or ask for a higher quota.' },
  ThrottlingException: { code: 'throttled', advice: 'Go slower.' },
  KMSThrottlingException: {
    code: 'throttled',
    advice: 'The stream’s KMS key is asked too often: go slower.',
  },
  AccessDeniedException: { code: 'refused', advice: permissions },
  KMSAccessDeniedException: {
    code: 'refused',
    advice: 'Allow the identity in use to use the stream’s KMS key.',
  },
  KMSDisabledException: { code: 'refused', advice: 'Enable the stream’s KMS key.' },
  UnrecognizedClientException: { code: 'refused', advice: signIn },
  InvalidSignatureException: { code: 'refused', advice: `${signIn} Check this machine's clock, too.` },
  ExpiredTokenException: { code: 'refused', advice: 'Sign in again: the temporary credentials are over.' },
  CredentialsProviderError: { code: 'refused', advice: signIn },
  InvalidArgumentException: { code: 'refused', advice: '' },
  ValidationException: { code: 'refused', advice: '' },
};

const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'EHOSTUNREACH', 'TimeoutError']);

/** @param doing what was being done, with which stream and where: `Reading pin/shardId-0 from Kinesis in eu-west-1` */
export function kinesisError(error: unknown, doing: string): LogError {
  if (error instanceof LogError) {
    return error;
  }
  const name = nameOf(error);
  const { code, advice } = meanings[name] ?? {
    code: 'unavailable' as const,
    advice: unreachable.has(name) ? 'Is the endpoint right, and reachable from here?' : 'Try again.',
  };
  const said = error instanceof Error && error.message !== '' ? error.message : name;
  return new LogError(code, `${doing} failed: ${said.replace(/\.?$/, '.')} ${advice}`.trim(), {
    cause: error,
  });
}

/** The error's name at AWS, or the system's code when AWS was not reached. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return 'unknown';
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
