/** Apache Kafka: one broker that is its own controller (KRaft), on 127.0.0.1. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import {
  commandPath,
  installedPath,
  notSetUp,
  stampOf,
} from '../../../pipeline/engines/spark/local/installations.ts';
import { newFolder } from '../../support/folder.ts';
import { freePorts, type Server, startServer } from './processes.ts';
import type { RealSystem } from './real_system.ts';

/** A running broker. */
export interface KafkaServer extends Server {
  /** `host:port`, the same after a restart. */
  readonly bootstrap: string;
}

export const kafka = {
  name: 'kafka',
  version: () => stampOf('kafka') ?? 'Apache Kafka',
  missing: () => {
    if (stampOf('kafka') === undefined) {
      return notSetUp('kafka');
    }
    return commandPath('java')
      ? undefined
      : 'Kafka needs Java 17 on PATH: run scripts/setup-real-systems kafka';
  },
  /** Formats a data folder and starts a broker on it; `properties` override the broker's. */
  start: startKafka,
} satisfies RealSystem & Record<string, unknown>;

async function startKafka(properties: Readonly<Record<string, string>> = {}): Promise<KafkaServer> {
  const folder = newFolder('kafka');
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const bootstrap = `127.0.0.1:${port}`;
  const settings = { ...brokerProperties(folder, port, controllerPort), ...properties };
  const file = join(folder, 'server.properties');
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  writeFileSync(join(folder, 'log4j2.properties'), logging);

  const java = (main: string, ...rest: string[]) => [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
    '-cp',
    join(installedPath('kafka', 'libs'), '*'),
    main,
    ...rest,
  ];
  // One that began with a dash would be read as an option.
  const cluster = `A${randomBytes(16).toString('base64url').slice(1)}`;
  const format = java('kafka.tools.StorageTool', 'format', '--cluster-id', cluster, '--config', file);
  await promisify(execFile)('java', format, { cwd: folder });
  const server = await startServer({
    name: 'Kafka',
    command: 'java',
    arguments: java('kafka.Kafka', file),
    folder,
    ready: () => answers(bootstrap),
  });
  return { ...server, bootstrap };
}

function brokerProperties(folder: string, port: number, controllerPort: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': 'false',
    'num.partitions': '3',
    // A killed broker may return only after its session has expired: 9 s by default.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // A single broker can hold only one replica.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
  };
}

async function answers(bootstrap: string): Promise<boolean> {
  const client = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  const admin = client.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length === 1;
  } finally {
    await admin.disconnect();
  }
}

const logging = `
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
`;
