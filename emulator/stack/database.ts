/** The source database of a deployed stack, in a private network. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type MysqlAddress, mysqlAddress } from '../mysql/address.ts';
import { StackError, type StackOutputs } from './outputs.ts';
import { Tunnel } from './tunnel.ts';

export interface StackDatabase {
  readonly address: MysqlAddress;
  /** Closes the way to it. */
  close(): Promise<void>;
}

/**
 * Opens the way to a stack's database. User and password are those of its secret; the certificate is checked against
 * the database's own name, whatever port the connection goes through.
 * @throws StackError when no tunnel can be opened
 */
export async function openStackDatabase(
  stack: string,
  outputs: StackOutputs,
  onClosed: (reason: string) => void,
): Promise<StackDatabase> {
  const { region, databaseHost: host, databasePort: port, databaseName, databaseSecretArn } = outputs;
  const machine = outputs.tunnelMachine;
  if (machine === undefined) {
    throw new StackError(
      `The stack ${stack} is paused, and no machine leads to its database: set paused to false and run pulumi up, ` +
        'or take posts from elsewhere with --source synthetic.',
    );
  }
  const tunnel = await Tunnel.open({ region, machine, host, port, onClosed });
  const address = mysqlAddress(
    `mysql://${host}:${port}/${databaseName}?through=127.0.0.1:${tunnel.localPort}`,
    {
      environment: { MYSQL_SECRET: databaseSecretArn, MYSQL_CA_FILE: process.env.MYSQL_CA_FILE },
      secret: (id) => secretIn(region, id),
    },
  );
  return { address, close: () => tunnel.close() };
}

async function secretIn(region: string, id: string): Promise<string> {
  const client = new SecretsManagerClient({ region });
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString ?? '';
  } finally {
    client.destroy();
  }
}
