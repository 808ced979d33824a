/** Apache Spark with Delta, offline: PySpark in a process of its own, with a session ready. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as z from 'zod';
import { commandPath, installedPath, notSetUp, stampOf } from './installations.ts';
import { type Json, type PythonWorker, startPython, workerFolder } from './python.ts';

const rows = z.array(z.record(z.string(), z.json()));

/** A Python process with a Spark session, `spark`, that lasts from one source to the next. */
export interface SparkWorker extends PythonWorker {
  /** Runs one SQL statement and returns its rows; values as `PythonWorker.run` says. */
  sql(statement: string): Promise<Record<string, Json>[]>;
}

/** The options of a session. */
export interface SparkOptions {
  /** Spark settings, over those in `settingsOf`. */
  settings?: Readonly<Record<string, string>>;
}

/** A gateway to the JVM of a session, for one process, and the port of its server of Spark Connect. */
export const sparkGateway = z.strictObject({ port: z.number(), secret: z.string(), connect: z.number() });
export type SparkGateway = z.output<typeof sparkGateway>;

/** The reason why Spark cannot be used here and the remedy; undefined when it can. */
export function missingSpark(): string | undefined {
  if (stampOf('spark') === undefined) {
    return notSetUp('spark');
  }
  return commandPath('java')
    ? undefined
    : 'Spark needs Java 17 on PATH: run scripts/setup-real-systems spark';
}

/** Starts a session with Delta on two cores and waits until it works: some ten seconds. */
export async function startSpark(options: SparkOptions = {}): Promise<SparkWorker> {
  const folder = workerFolder('spark');
  writeConfiguration(folder, { ...settingsOf(folder), ...options.settings });
  const worker = startPython({
    environment: 'spark',
    folder,
    variables: {
      SPARK_CONF_DIR: folder,
      SPARK_LOCAL_IP: '127.0.0.1',
      PYSPARK_PYTHON: installedPath('spark', 'bin', 'python'),
      TZ: 'UTC',
    },
  });
  return withSession(worker, './session.py');
}

/** Settings of a JVM that is to be shared: it has a server of Spark Connect, on a port of its own that only this machine reaches. */
export const sharedSettings: Readonly<Record<string, string>> = {
  'spark.plugins': 'org.apache.spark.sql.connect.SparkConnectPlugin',
  'spark.connect.grpc.binding.address': '127.0.0.1',
  'spark.connect.grpc.binding.port': '0',
};

/** Opens a gateway to the JVM of a session with `sharedSettings`. */
export async function openGateway(worker: SparkWorker): Promise<SparkGateway> {
  return sparkGateway.parse(await worker.run(newGateway));
}

const newGateway = `
server = spark._jvm.org.apache.spark.api.python.Py4JServer(spark.sparkContext._jsc.sc().conf())
server.start()
connect = getattr(spark._jvm, "org.apache.spark.sql.connect.service.SparkConnectService$")
output = {"port": server.getListeningPort(), "secret": server.secret(), "connect": getattr(connect, "MODULE$").localPort()}
`;

/**
 * Starts a Python process with a session in a JVM that runs already: temporary views and settings of SQL are its own; the catalog,
 * the cache and the settings that a JVM is started with are shared. Stopping it leaves the JVM.
 */
export function attachToSpark(
  { port, secret }: SparkGateway,
  settings: Readonly<Record<string, string>>,
): Promise<SparkWorker> {
  return withSession(sessionProcess(), './attached_session.py', { port, secret, settings });
}

/** As `attachToSpark`, but `spark` is a client of Spark Connect, as notebooks have on serverless compute. */
export function connectToSpark(
  { connect }: SparkGateway,
  settings: Readonly<Record<string, string>>,
): Promise<SparkWorker> {
  return withSession(sessionProcess(), './connect_session.py', { port: connect, settings });
}

function sessionProcess(): PythonWorker {
  const variables = { PYSPARK_PYTHON: installedPath('spark', 'bin', 'python'), TZ: 'UTC' };
  return startPython({ environment: 'spark', variables });
}

async function withSession(worker: PythonWorker, file: string, input?: unknown): Promise<SparkWorker> {
  try {
    await worker.run(readFileSync(new URL(file, import.meta.url), 'utf8'), input);
  } catch (error) {
    await worker.stop();
    throw error;
  }
  const statement = 'output = spark.sql(input).collect()';
  return { ...worker, sql: async (text) => rows.parse(await worker.run(statement, text)) };
}

/**
 * Settings for tables of a few rows, which change what a run costs and no answer: compiling its plans and starting tasks would take
 * most of its time. See docs/decisions/cases.md.
 */
export const smallTables: Readonly<Record<string, string>> = {
  'spark.sql.codegen.wholeStage': 'false',
  'spark.sql.codegen.factoryMode': 'NO_CODEGEN',
  'spark.sql.adaptive.enabled': 'false',
  'spark.sql.shuffle.partitions': '1',
  'spark.databricks.delta.snapshotPartitions': '1',
  // Without these, Hadoop starts a process for each of several steps of a commit.
  'spark.databricks.delta.writeChecksumFile.enabled': 'false',
  'spark.delta.logStore.file.impl': 'io.delta.storage.LocalLogStore',
};

/** Settings of every session: small, loopback only, with Delta, without Ivy or a network. */
function settingsOf(folder: string): Record<string, string> {
  const jars = installedPath('spark', 'delta-jars');
  return {
    'spark.master': 'local[2]',
    'spark.driver.memory': '2g',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.ui.enabled': 'false',
    'spark.ui.showConsoleProgress': 'false',
    // Jars that are named in spark.jars are copied, and loaded by a class loader that each task asks anew.
    'spark.driver.extraClassPath': readdirSync(jars)
      .map((jar) => join(jars, jar))
      .join(delimiter),
    // Lets programs that call Ivy themselves, such as configure_spark_with_delta_pip, find the jars here.
    'spark.jars.ivy': installedPath('spark', 'ivy'),
    'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
    'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
    'spark.sql.warehouse.dir': join(folder, 'warehouse'),
    'spark.local.dir': join(folder, 'local'),
    'spark.driver.extraJavaOptions': [
      `-Dderby.system.home=${join(folder, 'derby')}`,
      '-Duser.timezone=UTC',
      // Cases and tests end before much compiling, or checking of bytecode, pays off.
      '-XX:TieredStopAtLevel=1',
      '-XX:CompileThresholdScaling=4',
      // The 48 MB that a JVM without its second compiler has are full after a few runs of a notebook.
      '-XX:ReservedCodeCacheSize=256m',
      '-XX:+UnlockDiagnosticVMOptions',
      '-XX:-BytecodeVerificationRemote',
      // Room for new objects, of which hardly any outlives its query.
      '-XX:+UseSerialGC',
      '-Xms1g',
      '-Xmn512m',
    ].join(' '),
    'spark.sql.session.timeZone': 'UTC',
    // Queries over rows that were handed over are run, not answered by the planner.
    'spark.sql.execution.arrow.localRelationThreshold': '0',
    // The text of each query's plan is for a history of queries that nobody reads here.
    'spark.sql.maxPlanStringLength': '1000',
    // The defaults of 200 and 50 tasks are for clusters, and take most of a small query's time.
    'spark.sql.shuffle.partitions': '4',
    'spark.databricks.delta.snapshotPartitions': '2',
    // VACUUM lists a table in so many tasks; the default is 10,000.
    'spark.sql.sources.parallelPartitionDiscovery.parallelism': '2',
  };
}

function writeConfiguration(folder: string, settings: Record<string, string>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  writeFileSync(join(folder, 'spark-defaults.conf'), lines.join(''));
  writeFileSync(
    join(folder, 'log4j2.properties'),
    [
      'rootLogger.level = warn',
      'rootLogger.appenderRef.console.ref = console',
      'appender.console.type = Console',
      'appender.console.name = console',
      'appender.console.target = SYSTEM_ERR',
      'appender.console.layout.type = PatternLayout',
      'appender.console.layout.pattern = %p %c{1}: %m%n',
    ].join('\n'),
  );
}
