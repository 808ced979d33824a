/** Options of commands that serve HTTP: loopback alone, or other machines over TLS and with a key. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type * as z from 'zod';
import { type Access, keyAccess } from '../serving/access.ts';
import { isLoopback } from '../serving/hosts.ts';
import type { Exposure, Tls } from '../serving/server.ts';
import { flag, messageOf, option, path, positiveNumber, text, UsageError } from './settings.ts';

export const exposureOptions = {
  host: option(
    'HOST',
    'the address to listen on (127.0.0.1: nobody else reaches it)',
    text.default('127.0.0.1'),
  ),
  certificate: option('FILE', 'TLS: the certificate and its chain, as PEM', path.optional()),
  key: option('FILE', 'TLS: the private key, as PEM', path.optional()),
  insecure: flag('listens on another host than loopback without TLS, or without keys in ACCEPTED_KEYS'),
  name: option(
    'NAMES',
    'further names of this server, such as that of a load balancer, separated by commas',
    text.transform((names) => names.split(',')).optional(),
  ),
  requestsPerSecond: option(
    'R',
    'of each key or address, twice as many in a burst (no limit; 1000 on another host than loopback)',
    positiveNumber.optional(),
  ),
};

export type ExposureSettings = z.output<z.ZodObject<typeof exposureOptions>>;

const defaultRequestsPerSecond = 1000;

/** Keys of API Gateway have as many characters at least. */
const shortestKey = 20;

/**
 * Reads where a command listens and whom it serves: the holders of the keys in ACCEPTED_KEYS, where there are any.
 * @param signatures also serves those who sign with the AWS credentials in ACCEPTED_CREDENTIALS
 * @throws UsageError when other machines could reach it without TLS or without a key
 */
export async function exposureOf(
  settings: ExposureSettings,
  { signatures = false }: { readonly signatures?: boolean } = {},
): Promise<Exposure> {
  const keys = accessByKeys(process.env.ACCEPTED_KEYS);
  const access = signatures ? await accessBySignature(process.env.ACCEPTED_CREDENTIALS, keys) : keys;
  const { host, insecure, name } = settings;
  const tls = await tlsOf(settings);
  const isOpen = !isLoopback(host);
  if (isOpen && !insecure && (tls === undefined || access === undefined)) {
    const missing = [
      ...(tls === undefined ? ['--certificate FILE and --key FILE'] : []),
      ...(access === undefined
        ? ['keys, separated by commas, in the environment variable ACCEPTED_KEYS']
        : []),
    ];
    throw new UsageError(
      `--host ${host} is reached from other machines: give ${missing.join(', and ')}; or say --insecure.`,
    );
  }
  const requestsPerSecond = settings.requestsPerSecond ?? (isOpen ? defaultRequestsPerSecond : Infinity);
  return { host, tls, requestsPerSecond, ...(name ? { names: name } : {}), ...(access ? { access } : {}) };
}

function accessByKeys(list: string | undefined): Access | undefined {
  const keys = (list ?? '').split(',').filter((key) => key !== '');
  if (keys.some((key) => key.length < shortestKey)) {
    throw new UsageError(
      `A key in ACCEPTED_KEYS has less than ${shortestKey} characters, which can be guessed: openssl rand -hex 20 makes a better one.`,
    );
  }
  return keys.length === 0 ? undefined : keyAccess(keys);
}

/** Reads `accessKeyId:secretAccessKey`, several separated by commas. */
async function accessBySignature(
  list: string | undefined,
  keys: Access | undefined,
): Promise<Access | undefined> {
  const credentials = (list ?? '')
    .split(',')
    .filter((one) => one !== '')
    .map((one) => {
      const [, accessKeyId = '', secretAccessKey = ''] = /^(\w+):(.+)$/.exec(one) ?? [];
      if (secretAccessKey.length < shortestKey) {
        throw new UsageError(
          `ACCEPTED_CREDENTIALS must be accessKeyId:secretAccessKey, several separated by commas, each secret of ${shortestKey} characters or more.`,
        );
      }
      return { accessKeyId, secretAccessKey };
    });
  if (credentials.length === 0) {
    return keys;
  }
  // The signer takes time to load, which others need not wait for.
  const { signatureAccess } = await import('../serving/signature.ts');
  return signatureAccess(credentials, keys);
}

async function tlsOf({ certificate, key }: ExposureSettings): Promise<Exposure['tls']> {
  if (certificate === undefined && key === undefined) {
    return undefined;
  }
  if (certificate === undefined || key === undefined) {
    throw new UsageError('--certificate and --key belong together: give both, or neither.');
  }
  const read = () => readTls(certificate, key);
  const onRenewal = (listener: (renewed: Tls) => void): void => {
    process.on('SIGHUP', () => {
      read().then(listener, (error: unknown) =>
        process.stderr.write(`The old certificate stays in use: ${messageOf(error)}\n`),
      );
    });
  };
  return { ...(await read()), onRenewal };
}

async function readTls(certificate: string, key: string): Promise<Tls> {
  try {
    const [cert, privateKey] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')]);
    createSecureContext({ cert, key: privateKey });
    return { certificate: cert, key: privateKey };
  } catch (cause) {
    throw new UsageError(
      `--certificate ${certificate} and --key ${key} cannot be used: ${messageOf(cause)}`,
      { cause },
    );
  }
}
