/**
 * Permissions on streams through the API. On AWS, IAM decides, by the policy of API Gateway's role
 * (infra/gateway/policy.ts); on this machine the gateway decides here, whatever holds the streams.
 */
import type { KinesisOperation } from './operations.ts';
import { StreamsError } from './streams.ts';

export interface StreamPolicy {
  /** The prefix of the API's streams; no other stream can be used. */
  readonly prefix: string;
  /** The pipeline's own streams, which nobody deletes through the API. */
  readonly ownStreams: readonly string[];
}

/** @throws StreamsError AccessDeniedException */
export function assertAllowed(policy: StreamPolicy, operation: KinesisOperation, stream: string): void {
  const { prefix, ownStreams } = policy;
  if (!stream.startsWith(prefix)) {
    throw denied(`"${stream}" is not a stream of this API: their names begin with "${prefix}".`);
  }
  if (operation === 'deleteStream' && ownStreams.includes(stream)) {
    throw denied(`${stream} is one of the pipeline's own streams, which are not deleted through the API.`);
  }
}

function denied(message: string): StreamsError {
  return new StreamsError('AccessDeniedException', message);
}
