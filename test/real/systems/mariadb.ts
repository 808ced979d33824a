/** MariaDB on its own data folder, a socket and 127.0.0.1, with TLS certificates generated at the start. */

import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { commandPath, notSetUp } from '../../../pipeline/engines/spark/local/installations.ts';
import { newFolder } from '../../support/folder.ts';
import { freePort, type Server, startServer } from './processes.ts';
import type { RealSystem } from './real_system.ts';

const run = promisify(execFile);

/** A running server, and its user with all privileges. */
export interface MariaDbServer extends Server {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** An empty database. */
  readonly database: string;
  /** `mysql://user:password@host:port/database` */
  readonly url: string;
  /** The certificate authority that signed the server's certificate, as PEM and as a file. */
  readonly certificateAuthority: string;
  readonly certificateAuthorityFile: string;
}

export const mariadb = {
  name: 'mariadb',
  version: () => {
    const output = execFileSync(commandPath('mariadbd') ?? 'mariadbd', ['--version'], { encoding: 'utf8' });
    return `MariaDB ${/Ver (\S+)/.exec(output)?.[1] ?? output.trim()}`;
  },
  missing: () =>
    commandPath('mariadbd') && commandPath('mariadb-install-db') ? undefined : notSetUp('mariadb'),
  /** Creates a data folder and starts a server on it; `flags` are added to its command, for example `--require-secure-transport`. */
  start: startMariaDb,
} satisfies RealSystem & Record<string, unknown>;

async function startMariaDb(flags: readonly string[] = []): Promise<MariaDbServer> {
  const folder = newFolder('mariadb');
  const port = await freePort();
  const user = 'pipeline';
  const password = randomBytes(12).toString('hex');
  const database = 'pinterest';
  await makeCertificates(folder);
  await makeDataFolder(folder);
  // Read at every start, so it must be valid for a used data folder too.
  writeFileSync(
    join(folder, 'init.sql'),
    `CREATE DATABASE IF NOT EXISTS ${database} CHARACTER SET utf8mb4;
CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY '${password}';
GRANT ALL ON *.* TO '${user}'@'127.0.0.1' WITH GRANT OPTION;
`,
  );
  const certificateAuthorityFile = join(folder, 'ca.pem');
  const certificateAuthority = readFileSync(certificateAuthorityFile, 'utf8');
  const login = { host: '127.0.0.1', port, user, password, database } as const;
  const server = await startServer({
    name: 'MariaDB',
    command: commandPath('mariadbd') ?? 'mariadbd',
    arguments: [...serverFlags(folder, port), ...flags],
    folder,
    ready: async () => {
      const connection = await createConnection({ ...login, ssl: { ca: certificateAuthority } });
      await connection.end();
      return true;
    },
  });
  const url = `mysql://${user}:${password}@127.0.0.1:${port}/${database}`;
  return { ...server, ...login, url, certificateAuthority, certificateAuthorityFile };
}

function serverFlags(folder: string, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    // Identifies users by address, without asking a resolver.
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    `--init-file=${join(folder, 'init.sql')}`,
    `--ssl-ca=${join(folder, 'ca.pem')}`,
    `--ssl-cert=${join(folder, 'server.pem')}`,
    `--ssl-key=${join(folder, 'server.key')}`,
    ...asRoot,
  ];
}

/** MariaDB refuses to run as root unless told to. */
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

async function makeDataFolder(folder: string): Promise<void> {
  await run(commandPath('mariadb-install-db') ?? 'mariadb-install-db', [
    '--no-defaults',
    `--datadir=${join(folder, 'data')}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
    ...asRoot,
  ]);
}

/** Generates a certificate authority and a certificate for 127.0.0.1 and localhost signed by it, valid for a day. */
async function makeCertificates(folder: string): Promise<void> {
  const file = (name: string) => join(folder, name);
  const request = [
    'req',
    '-x509',
    '-days',
    '1',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
  ];
  await run('openssl', [
    ...request,
    ...['-subj', '/CN=test authority', '-keyout', file('ca.key'), '-out', file('ca.pem')],
  ]);
  await run('openssl', [
    ...request,
    ...['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-subj', '/CN=localhost'],
    ...[
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ],
    ...['-keyout', file('server.key'), '-out', file('server.pem')],
  ]);
  chmodSync(file('server.key'), 0o600);
}
