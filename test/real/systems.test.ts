import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateStreamCommand, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import type { SparkWorker } from './systems/spark.ts';
import {
  airflow,
  aws,
  chromium,
  deltalake,
  describeReal,
  kafka,
  kinesis,
  mariadb,
  pulumi,
  shellcheck,
  spark,
} from './systems.ts';

describeReal('Spark with Delta', [spark, deltalake], () => {
  let session: SparkWorker;
  beforeAll(async () => {
    session = await spark.start();
  });
  afterAll(() => session?.stop());

  it('writes a table that it and deltalake read', async () => {
    const table = join(session.folder, 'people');
    await session.sql(
      `CREATE TABLE delta.\`${table}\` USING delta AS SELECT * FROM VALUES (1, 'é', DATE'2020-01-02', NULL), (9007199254740993, '', NULL, 1.50) AS t(id, name, day, price)`,
    );
    await expect(session.sql(`SELECT * FROM delta.\`${table}\` ORDER BY id`)).resolves.toEqual([
      { id: 1, name: 'é', day: '2020-01-02', price: null },
      { id: '9007199254740993', name: '', day: null, price: '1.50' },
    ]);
    const read = await deltalake.read({ at: table });
    expect(read.version).toBe(0);
    expect(read.schema.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id long',
      'name string',
      'day date',
      'price decimal(3,2)',
    ]);
    expect(read.rows).toContainEqual({ id: 1, name: 'é', day: '2020-01-02', price: null });
    expect(read.rows).toContainEqual({ id: '9007199254740993', name: '', day: null, price: '1.50' });
  });

  it('runs in ANSI mode, and reports failures', async () => {
    await expect(session.sql("SELECT CAST('x' AS INT)")).rejects.toThrow('CAST_INVALID_INPUT');
  });

  it('keeps variables from one source to the next', async () => {
    await session.run('kept = input["a"] + 1', { a: 41 });
    await expect(session.run('output = {"kept": kept, "rows": spark.range(2).collect()}')).resolves.toEqual({
      kept: 42,
      rows: [{ id: 0 }, { id: 1 }],
    });
  });
});

describeReal('Kafka', [kafka], () => {
  it('keeps a record across a kill', async () => {
    const broker = await kafka.start();
    onTestFinished(() => broker.stop());
    const client = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'pin', numPartitions: 1 }] });
    const producer = client.producer();
    await producer.connect();
    await producer.send({ topic: 'pin', messages: [{ value: 'before' }] });
    await Promise.all([producer.disconnect(), admin.disconnect()]);

    await broker.kill();
    await broker.startAgain();

    await admin.connect();
    onTestFinished(() => admin.disconnect());
    await expect(admin.fetchTopicOffsets('pin')).resolves.toMatchObject([{ partition: 0, high: '1' }]);
  });
});

describeReal('MariaDB', [mariadb], () => {
  it('offers TLS, requires it when configured, and keeps rows across a kill', async () => {
    const server = await mariadb.start(['--require-secure-transport']);
    onTestFinished(() => server.stop());
    await expect(createConnection(server.url)).rejects.toThrow('Access denied');
    const login = {
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      database: server.database,
      ssl: { ca: server.certificateAuthority },
    };
    const connection = await createConnection(login);
    await connection.query('CREATE TABLE pin (name TEXT)');
    await connection.query("INSERT INTO pin VALUES ('😀')");
    const [cipher] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
    expect(cipher).toMatchObject([{ Value: expect.stringMatching(/.+/) }]);
    await connection.end();

    await server.kill();
    await server.startAgain();

    const again = await createConnection(login);
    const [rows] = await again.query('SELECT name FROM pin');
    expect(rows).toEqual([{ name: '😀' }]);
    await again.end();
  });
});

describeReal('Kinesis', [kinesis], () => {
  it('creates and lists a stream', async () => {
    const server = await kinesis.start();
    onTestFinished(() => server.stop());
    const client = server.client();
    await client.send(new CreateStreamCommand({ StreamName: 'pin', ShardCount: 1 }));
    const listed = await client.send(new ListStreamsCommand({}));
    expect(listed.StreamNames).toEqual(['pin']);
    client.destroy();
  });
});

describeReal('AWS', [aws], () => {
  it('serves S3', async () => {
    const server = await aws.start();
    onTestFinished(() => server.stop());
    const { endpoint, region, credentials } = server;
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(
      new CreateBucketCommand({
        Bucket: 'lake',
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    );
    const listed = await client.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map(({ Name }) => Name)).toEqual(['lake']);
    client.destroy();
  });

  it('lints policies', async () => {
    const policy = (action: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: action, Resource: 'arn:aws:s3:::bucket/*' }],
      });
    const [good, bad] = await aws.lintPolicies([policy('s3:GetObject'), policy('s3:GetObjekt')]);
    expect(good).toEqual([]);
    expect(bad?.map(({ issue }) => issue)).toEqual(['UNKNOWN_ACTION']);
  });
});

describeReal('Chromium', [chromium], () => {
  it('shows a page', async () => {
    const browser = await chromium.start();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto('data:text/html,<h1>nine answers</h1>');
    await expect(page.textContent('h1')).resolves.toBe('nine answers');
  });
});

describeReal('Airflow', [airflow], () => {
  it('imports a DAG of Databricks jobs, and reports the error of an invalid one', async () => {
    const folder = temporaryFolder('dags');
    await writeFile(
      join(folder, 'good.py'),
      `from datetime import datetime
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("daily", start_date=datetime(2024, 1, 1), schedule="@daily"):
    DatabricksRunNowOperator(task_id="load", job_id=1) >> DatabricksRunNowOperator(task_id="query", job_id=2)
`,
    );
    await writeFile(join(folder, 'bad.py'), 'from airflow import DAG\nDAG("", schedule="not a cron")\n');
    const found = await airflow.importDags(folder);
    expect(found.dags).toEqual({
      daily: [
        { id: 'load', operator: 'DatabricksRunNowOperator', downstream: ['query'] },
        { id: 'query', operator: 'DatabricksRunNowOperator', downstream: [] },
      ],
    });
    expect(Object.keys(found.errors)).toEqual([join(folder, 'bad.py')]);
  });
});

describeReal('Pulumi', [pulumi], () => {
  it('creates a stack without an account', async () => {
    const home = temporaryFolder('pulumi');
    const program = join(home, 'program');
    await mkdir(program);
    await writeFile(join(program, 'Pulumi.yaml'), 'name: smoke\nruntime: nodejs\n');
    expect(await pulumi.run(['stack', 'init', 'test'], { program, home })).toMatchObject({ status: 0 });
    const listed = await pulumi.run(['stack', 'ls', '--json'], { program, home });
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'test' }]);
  });
});

describeReal('ShellCheck', [shellcheck], () => {
  it('finds no fault in our scripts', async () => {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    for (const script of ['scripts/setup-real-systems', '.ci/run']) {
      if (existsSync(join(root, script))) {
        expect(await shellcheck.check(join(root, script))).toBe('');
      }
    }
  });
});
