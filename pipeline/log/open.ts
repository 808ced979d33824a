/** A log by its URL: `embedded:DIR`, `kafka://host:port[,host:port]` (also `kafka+tls`, `kafka+iam`), `kinesis://region`. */

import * as z from 'zod';
import { EmbeddedLog } from './embedded.ts';
import type { KafkaAddress, KafkaSecurity } from './kafka/connection.ts';
import type { EventLog } from './log.ts';

/** Settings besides the URL. */
export interface OpenLogOptions {
  /** URL of a Kinesis API that is not AWS's own: `http://127.0.0.1:4567`. */
  readonly endpoint?: string | undefined;
  /** Only reads: an embedded log may then be written by another process. */
  readonly readOnly?: boolean;
}

/** The log that a URL names. */
export type LogAddress =
  | { readonly kind: 'embedded'; readonly folder: string }
  | ({ readonly kind: 'kafka' } & KafkaAddress)
  | { readonly kind: 'kinesis'; readonly region: string };

/** The error for a string that is not a log URL. Its message never holds what may be a secret. */
export class LogUrlError extends Error {
  override readonly name = 'LogUrlError';
}

const forms =
  'A log URL is embedded:DIR, kafka://host:port[,host:port], kafka+tls://…, kafka+iam://… or kinesis://region.';

/**
 * Opens a log.
 * @throws LogUrlError when the URL is wrong, LogError when the log cannot be opened
 */
export async function openLog(url: string, options: OpenLogOptions = {}): Promise<EventLog> {
  const address = parseLogUrl(url);
  if (options.endpoint !== undefined && address.kind !== 'kinesis') {
    throw new LogUrlError('An endpoint is for kinesis:// alone; other log URLs say where the log is.');
  }
  // The clients of Kafka and AWS take half a second to load: only commands that use them wait for them.
  switch (address.kind) {
    case 'embedded':
      return EmbeddedLog.open(address.folder, { readOnly: options.readOnly ?? false });
    case 'kafka':
      return (await import('./kafka.ts')).KafkaLog.open(address);
    case 'kinesis':
      return (await import('./kinesis.ts')).KinesisLog.open({ ...address, endpoint: options.endpoint });
    default:
      return address satisfies never;
  }
}

/** An option of a command that is a log URL: `--from is not a log URL: …`. */
export const logUrl = z.string('is missing').superRefine((url, context) => {
  try {
    parseLogUrl(url);
  } catch (error) {
    if (!(error instanceof LogUrlError)) {
      throw error;
    }
    context.addIssue({ code: 'custom', message: `is wrong: ${error.message}` });
  }
});

/** Reads a log URL. @throws LogUrlError */
export function parseLogUrl(url: string): LogAddress {
  const [, scheme = '', rest = ''] = /^([a-z+]+):(.*)$/s.exec(url) ?? [];
  switch (scheme) {
    case 'embedded':
      return embeddedAddress(rest);
    case 'kafka':
      return kafkaAddress(rest, 'plain');
    case 'kafka+tls':
      return kafkaAddress(rest, 'tls');
    case 'kafka+iam':
      return kafkaAddress(rest, 'iam');
    case 'kinesis':
      return kinesisAddress(rest);
    default:
      throw new LogUrlError(`${scheme === '' ? 'That' : `${scheme}:`} is not a log URL. ${forms}`);
  }
}

function embeddedAddress(folder: string): LogAddress {
  if (folder === '' || folder.startsWith('//')) {
    throw new LogUrlError('embedded: is followed by a folder, without "//": embedded:data/log.');
  }
  return { kind: 'embedded', folder };
}

function kafkaAddress(rest: string, security: KafkaSecurity): LogAddress {
  const [, hosts = ''] = /^\/\/([^/?#]*)\/?$/.exec(rest) ?? [];
  if (rest.includes('@')) {
    throw new LogUrlError(
      'A Kafka URL holds no user or password. On MSK use kafka+iam://, which takes AWS credentials from the environment.',
    );
  }
  if (hosts === '') {
    throw new LogUrlError('A Kafka URL is kafka://host:port[,host:port].');
  }
  const brokers = hosts.split(',');
  const wrong = brokers.find((broker) => !isHostAndPort(broker));
  if (wrong !== undefined) {
    throw new LogUrlError(
      `"${wrong}" is not a broker: a Kafka URL is kafka://host:port[,host:port], with a port for each.`,
    );
  }
  return { kind: 'kafka', brokers, security };
}

function isHostAndPort(string: string): boolean {
  const [, port = '0'] = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$/.exec(string) ?? [];
  return Number(port) > 0 && Number(port) < 65_536;
}

function kinesisAddress(rest: string): LogAddress {
  const [, region] = /^\/\/([a-z]{2}(?:-[a-z]+)+-[0-9])\/?$/.exec(rest) ?? [];
  if (region === undefined) {
    throw new LogUrlError(
      'A Kinesis URL names an AWS region, nothing else: kinesis://eu-west-1. Keys come from the environment.',
    );
  }
  return { kind: 'kinesis', region };
}
