/** Connects to Kafka: the brokers of a log URL, plainly, over TLS, or over TLS with the caller's AWS identity. */

import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js';
import type { KafkaConfig } from 'kafkajs';
import { LogError } from '../log.ts';
import { logLevel } from './kafkajs.ts';

/** `plain` on one machine, `tls`, or `iam`: TLS, signed in with AWS credentials from the environment (MSK). */
export type KafkaSecurity = 'plain' | 'tls' | 'iam';

/** The address of a Kafka cluster. */
export interface KafkaAddress {
  /** `host:port` of some brokers; they name the others. */
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  /** AWS region for `iam`. Default: the one in MSK's host names, else AWS_REGION. */
  readonly region?: string;
}

/** Gives kafkajs's settings for a cluster. @throws LogError `refused` when `iam` is asked for and no region is known */
export function kafkaConfig(address: KafkaAddress): KafkaConfig {
  return {
    clientId: 'pinterest-pipeline',
    brokers: [...address.brokers],
    // Failures are thrown as errors; kafkajs would also print them, with the stack of every retry.
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5000,
    requestTimeout: 30_000,
    // About ten seconds in all, long enough for a broker to come back or another to take over.
    retry: { initialRetryTime: 300, retries: 5 },
    ...(address.security === 'plain' ? {} : { ssl: true }),
    ...(address.security === 'iam' ? { sasl: awsIdentity(address) } : {}),
  };
}

function awsIdentity(address: KafkaAddress): NonNullable<KafkaConfig['sasl']> {
  const region = address.region ?? regionOf(address.brokers) ?? process.env.AWS_REGION;
  if (region === undefined) {
    throw new LogError('refused', 'Signing in to Kafka with IAM needs a region: set AWS_REGION.');
  }
  const oauthBearerProvider = async () => ({ value: (await generateAuthToken({ region })).token });
  return { mechanism: 'oauthbearer', oauthBearerProvider };
}

/** MSK's brokers are called `b-1.name.id.c2.kafka.eu-west-1.amazonaws.com`, with `kafka-serverless` for the other kind. */
function regionOf(brokers: readonly string[]): string | undefined {
  const match = /\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com/.exec(brokers[0] ?? '');
  return match?.[1];
}
