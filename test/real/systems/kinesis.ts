/** The Kinesis API on this machine: npm's kinesis-local. For conformance: it is limited to some hundreds of records a second. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import * as z from 'zod';
import { newFolder } from '../../support/folder.ts';
import { freePorts, type Server, startServer } from './processes.ts';
import type { RealSystem } from './real_system.ts';

const require = createRequire(import.meta.url);
const packageJson = z.object({ version: z.string() });

/** A running server. */
export interface KinesisServer extends Server {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  readonly region: string;
  /** Any keys, for a client's `credentials`: the server checks none. */
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
  /** A client of it. It speaks HTTP/1.1, because a plain endpoint does not support the SDK's default of HTTP/2. */
  client(): KinesisClient;
}

export const kinesis = {
  name: 'kinesis-local',
  version: () => `kinesis-local ${packageJson.parse(require('kinesis-local/package.json')).version}`,
  missing: () => (existsSync(program()) ? undefined : 'npm package kinesis-local is missing: run npm ci'),
  /** Starts the API, empty; `environment` takes kinesis-local's own settings. A restart keeps nothing. */
  start: startKinesis,
} satisfies RealSystem & Record<string, unknown>;

function program(): string {
  return new URL('../../../node_modules/kinesis-local/main.js', import.meta.url).pathname;
}

async function startKinesis(environment: Readonly<Record<string, string>> = {}): Promise<KinesisServer> {
  const folder = newFolder('kinesis');
  const [port = 0, tlsPort = 0] = await freePorts(2);
  const endpoint = `http://127.0.0.1:${port}`;
  const region = 'eu-west-1';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = () =>
    new KinesisClient({
      endpoint,
      region,
      credentials,
      requestHandler: new NodeHttpHandler(),
      maxAttempts: 1,
    });
  const server = await startServer({
    name: 'kinesis-local',
    command: process.execPath,
    arguments: [program()],
    environment: {
      KINESIS_MOCK_PLAIN_PORT: String(port),
      KINESIS_MOCK_TLS_PORT: String(tlsPort),
      // By default it expects its certificate in the working folder.
      KINESIS_MOCK_CERT_PATH: join(program(), '..', 'server.json'),
      AWS_REGION: region,
      LOG_LEVEL: 'WARN',
      // Half a second each by default.
      ...Object.fromEntries(durations.map((name) => [`${name}_DURATION`, '20ms'])),
      ...environment,
    },
    folder,
    ready: async () => {
      const asking = client();
      try {
        await asking.send(new ListStreamsCommand({}));
        return true;
      } finally {
        asking.destroy();
      }
    },
  });
  return { ...server, endpoint, region, credentials, client };
}

const durations = [
  'CREATE_STREAM',
  'DELETE_STREAM',
  'MERGE_SHARDS',
  'SPLIT_SHARD',
  'UPDATE_SHARD_COUNT',
  'UPDATE_STREAM_MODE',
  'REGISTER_STREAM_CONSUMER',
  'DEREGISTER_STREAM_CONSUMER',
];
