/** Turns errors of kafkajs into the terms that every log shares. */

import { LogError, type LogErrorCode } from '../log.ts';
import { KafkaJSAggregateError, KafkaJSError, KafkaJSProtocolError } from './kafkajs.ts';

const codes: Readonly<Record<string, LogErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'unknown_topic',
  MESSAGE_TOO_LARGE: 'too_large',
  RECORD_LIST_TOO_LARGE: 'too_large',
  OFFSET_OUT_OF_RANGE: 'expired',
  THROTTLING_QUOTA_EXCEEDED: 'throttled',
  KAFKA_STORAGE_ERROR: 'full',
  TOPIC_AUTHORIZATION_FAILED: 'refused',
  GROUP_AUTHORIZATION_FAILED: 'refused',
  CLUSTER_AUTHORIZATION_FAILED: 'refused',
  SASL_AUTHENTICATION_FAILED: 'refused',
  INVALID_TOPIC_EXCEPTION: 'refused',
  INVALID_PARTITIONS: 'refused',
  INVALID_REPLICATION_FACTOR: 'refused',
  POLICY_VIOLATION: 'refused',
  TOPIC_DELETION_DISABLED: 'refused',
};

/** @param doing what was being done and with which cluster: `Reading pin/0 from Kafka at host:port` */
export function kafkaError(error: unknown, doing: string): LogError {
  if (error instanceof LogError) {
    return error;
  }
  const cause = rootOf(error);
  const code = codeOf(cause);
  const advice = code === 'unavailable' ? ' Are the brokers running, and reachable from here?' : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  return new LogError(code, `${doing} failed: ${message.replace(/\.?$/, '.')}${advice}`, { cause: error });
}

function codeOf(cause: unknown): LogErrorCode {
  if (cause instanceof KafkaJSProtocolError) {
    return codes[cause.type] ?? 'unavailable';
  }
  const signIn = cause instanceof Error && cause.name === 'KafkaJSSASLAuthenticationError';
  return signIn ? 'refused' : 'unavailable';
}

/** The first error of several, behind the wrapping that counts retries. */
function rootOf(error: unknown): unknown {
  if (error instanceof KafkaJSAggregateError) {
    return rootOf(error.errors[0]);
  }
  if (error instanceof KafkaJSError && error.cause !== undefined) {
    return rootOf(error.cause);
  }
  return error;
}
