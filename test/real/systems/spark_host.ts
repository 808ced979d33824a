/**
 * One JVM of Spark for all files of the project `real`: starting one and warming it up takes more than most files ask of it. It starts
 * when the first file asks, in vitest's own process, and hands each file a gateway of its own. A JVM that has ended is told of and
 * replaced, so that no more than the files at work at its end fail.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import {
  openGateway,
  type SparkGateway,
  type SparkWorker,
  sharedSettings,
  startSpark,
} from '../../../pipeline/engines/spark/local/session.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address that hands out gateways to the shared JVM. */
    sparkHost: string;
  }
}

export default async function shareSpark(project: TestProject): Promise<() => Promise<void>> {
  const host = new SparkHost(
    () => startSpark({ settings }),
    (text) => process.stderr.write(text),
  );
  const server = serverOf(host);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  project.provide('sparkHost', `http://127.0.0.1:${port}/`);
  return async () => {
    server.close();
    await host.stop();
  };
}

/** Answers each request with a gateway, or with the reason why there is none. */
export function serverOf(host: Pick<SparkHost, 'gateway'>): Server {
  return createServer((_, response) => {
    host.gateway().then(
      (gateway) => response.end(JSON.stringify(gateway)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
}

/**
 * What a session cannot change: room for several files at once, all of the compiler, since the JVM lives for long, with room for what it
 * compiles, commits of Delta that start no process (see `smallTables`), and no more of what was done than somebody looks at.
 */
const settings = {
  ...sharedSettings,
  'spark.driver.memory': '4g',
  'spark.driver.extraJavaOptions': [
    '-Duser.timezone=UTC',
    '-XX:ReservedCodeCacheSize=512m',
    '-XX:+UseSerialGC',
    '-Xms2g',
    '-Xmn1g',
  ].join(' '),
  'spark.delta.logStore.file.impl': 'io.delta.storage.LocalLogStore',
  'spark.sql.ui.retainedExecutions': '10',
  'spark.ui.retainedJobs': '100',
  'spark.ui.retainedStages': '100',
};

export class SparkHost {
  private last: Promise<unknown> = Promise.resolve();
  private worker: SparkWorker | undefined;

  constructor(
    private readonly start: () => Promise<SparkWorker>,
    private readonly tell: (text: string) => void,
  ) {}

  /** One after another: the first one that finds the JVM gone starts the next. */
  gateway(): Promise<SparkGateway> {
    const gateway = this.last.then(() => this.open());
    this.last = gateway.catch(() => undefined);
    return gateway;
  }

  private async open(): Promise<SparkGateway> {
    if (this.worker) {
      try {
        return await openGateway(this.worker);
      } catch (error) {
        this.tell(`Spark's shared JVM is started again: ${error}\n${this.worker.output()}\n`);
        await this.worker.stop();
        this.worker = undefined;
      }
    }
    this.worker = await this.start();
    return openGateway(this.worker);
  }

  async stop(): Promise<void> {
    await this.last;
    await this.worker?.stop();
  }
}
