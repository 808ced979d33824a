import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allTaken, type Endpoint, producedEvents, startEndpoint } from '../../emulator/endpoint.ts';
import { standIns } from '../../emulator/stack/commands.ts';
import { suiteFolder } from '../../support/folder.ts';
import { runCommand } from '../../support/process.ts';
import { aws, describeReal, mariadb } from '../systems.ts';

/** The commands as a person calls them, against a stack whose database is MariaDB and whose secrets are moto's. */
describeReal('a deployed stack', [mariadb, aws], () => {
  const folder = suiteFolder('stack');
  let server: Awaited<ReturnType<typeof mariadb.start>>;
  let moto: Awaited<ReturnType<typeof aws.start>>;
  let api: Endpoint;
  let outputs: Record<string, unknown>;
  beforeAll(async () => {
    [server, moto] = await Promise.all([mariadb.start(['--require-secure-transport=ON']), aws.start()]);
    api = await startEndpoint((request, response) => response.end(allTaken(request)));
    const { user: username, password } = server;
    const secrets = new SecretsManagerClient({
      endpoint: moto.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { ARN } = await secrets.send(
      new CreateSecretCommand({
        Name: 'rds!db-1',
        SecretString: JSON.stringify({ username, password, engine: 'mysql' }),
      }),
    );
    secrets.destroy();
    outputs = {
      region: 'eu-west-1',
      userPrefix: '0a60b9a8a831',
      apiUrl: `${api.url}/v1`,
      apiAuthorisation: 'key',
      apiKey: 'the-key',
      // The name on the server's certificate; the port is none that anything listens on.
      databaseHost: 'localhost',
      databasePort: 1,
      databaseName: server.database,
      databaseSecretArn: ARN,
      tunnelMachine: 'pinterest-dev-kafka-client',
    };
  });
  afterAll(() => Promise.all([server?.stop(), moto?.stop(), api?.close()]));

  async function run(command: readonly string[], changes: Record<string, unknown> = {}) {
    const ended = await runCommand(command, {
      cwd: folder,
      env: {
        HOME: folder,
        // The SDK warns of Node 20's end.
        NODE_NO_WARNINGS: '1',
        PATH: standIns(folder, { outputs: { ...outputs, ...changes }, forwardTo: server.port }),
        MYSQL_CA_FILE: server.certificateAuthorityFile,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    });
    expect(`${ended.output}${ended.errors}`).not.toContain(server.password);
    expect(`${ended.output}${ended.errors}`).not.toContain('the-key');
    return ended;
  }

  it('has its database filled through Session Manager, over TLS with its own name', async () => {
    const { output, errors, status } = await run(['seed', '--stack', 'dev', '--posts', '500']);
    expect({ errors, status }).toEqual({ errors: 'Seeding: 100% of 500 posts\n', status: 0 });
    expect(output).toContain('pinterest_data, geolocation_data, user_data: 500 posts of seed 1.');
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toContain(
      JSON.stringify(JSON.stringify({ host: ['localhost'], portNumber: ['1'] })),
    );
  });

  it('gets posts from its database, with its key and its prefix', async () => {
    const { errors, status } = await run(['emulate', '--stack', 'dev', '--count', '10', '--order']);
    expect({ errors, status }).toEqual({ errors: '', status: 0 });
    const pins = api.received.filter(({ path }) => path === '/v1/topics/0a60b9a8a831.pin');
    expect(pins.flatMap(producedEvents).map(({ index }) => index)).toEqual(
      expect.arrayContaining([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    );
    expect(pins[0]?.headers['x-api-key']).toBe('the-key');
  });

  it('whose certificate is for another name is not trusted', async () => {
    const { errors, status } = await run(['seed', '--stack', 'dev'], { databaseHost: 'elsewhere.example' });
    expect(status).toBe(1);
    expect(errors).toContain('elsewhere.example');
  });

  it('that is paused has no way to its database, and gets synthetic posts without one', async () => {
    const paused = { tunnelMachine: undefined };
    const refused = await run(['emulate', '--stack', 'dev', '--count', '1'], paused);
    expect(refused).toMatchObject({ status: 1, errors: expect.stringContaining('The stack dev is paused') });
    const options = ['emulate', '--stack', 'dev', '--source', 'synthetic', '--count', '1'];
    expect(await run(options, paused)).toMatchObject({ status: 0 });
  });

  it('is named, or a URL is, not both', async () => {
    for (const given of [[], ['--stack', 'dev', '--to', 'mysql://127.0.0.1/x']]) {
      expect(await run(['seed', ...given])).toMatchObject({
        status: 2,
        errors: expect.stringContaining('either --to URL, or --stack STACK'),
      });
    }
    expect(await run(['emulate'])).toMatchObject({ status: 2 });
  });
});
