import { describe, expect, it } from 'vitest';
import { jsonOf, valueAt } from '../../infra/tools/policies/declared.ts';
import { graphOf, input, ofType, one, settingsOf } from './stacks.ts';

const systems = {
  connector: 'aws:mskconnect/connector:Connector',
  airflow: 'aws:mwaa/environment:Environment',
  nat: 'aws:ec2/natGateway:NatGateway',
  client: 'aws:autoscaling/group:Group',
  loadBalancer: 'aws:lb/loadBalancer:LoadBalancer',
  kafka: 'aws:msk/cluster:Cluster',
  topics: 'aws:msk/topic:Topic',
  streams: 'aws:kinesis/stream:Stream',
  database: 'aws:rds/instance:Instance',
  buckets: 'aws:s3/bucket:Bucket',
  api: 'aws:apigateway/restApi:RestApi',
} as const;

async function counts(stack: string, changes: Record<string, unknown> = {}) {
  const graph = await graphOf(stack, changes);
  return Object.fromEntries(
    Object.entries(systems).map(([name, type]) => [name, ofType(graph, type).length]),
  );
}

describe('switches', () => {
  it('dev has everything but Airflow', async () => {
    expect(await counts('dev')).toEqual({
      connector: 1,
      airflow: 0,
      nat: 1,
      client: 1,
      loadBalancer: 1,
      kafka: 1,
      topics: 3,
      streams: 3,
      database: 1,
      buckets: 2,
      api: 1,
    });
  });

  it('paused takes away connector, Airflow, NAT, client and its load balancer, and keeps the data', async () => {
    expect(await counts('prod', { paused: true })).toEqual({
      ...(await counts('prod')),
      connector: 0,
      airflow: 0,
      nat: 0,
      client: 0,
      loadBalancer: 0,
    });
  });

  it('goes on after a pause: nothing that comes again has its name taken by what is gone', async () => {
    const secret = one(await graphOf('prod'), 'aws:secretsmanager/secret:Secret', 'airflow-principal');
    expect(secret.inputs.recoveryWindowInDays).toBe(0);
  });

  it('paused leaves an API whose streams work, and whose topics say that nobody takes them', async () => {
    const api = one(await graphOf('dev', { paused: true }), systems.api, 'api');
    const paths = valueAt(jsonOf(api.inputs.body), 'paths');
    const integrationOf = (path: string, method: string) =>
      valueAt(Object(paths)[path], `${method}.x-amazon-apigateway-integration`);
    for (const [path, method] of [
      ['/topics', 'get'],
      ['/topics/{topic}', 'get'],
      ['/topics/{topic}', 'post'],
    ] as const) {
      expect(integrationOf(path, method)).toMatchObject({
        type: 'mock',
        responses: { default: { statusCode: '503' } },
      });
    }
    expect(integrationOf('/streams', 'get')).toMatchObject({ type: 'aws' });
  });

  it('paused stops the streaming job and takes the tunnel out of the outputs', async () => {
    const running = await graphOf('prod');
    const paused = await graphOf('prod', { paused: true });
    const job = 'databricks:index/job:Job';
    const streaming = 'databricks-jobs-streaming';
    expect(input(one(running, job, streaming), 'continuous.pauseStatus')).toBe('UNPAUSED');
    expect(input(one(paused, job, streaming), 'continuous.pauseStatus')).toBe('PAUSED');
    expect(running.outputs.tunnelMachine).toBe('pinterest-prod-kafka-client');
    expect(paused.outputs).not.toHaveProperty('tunnelMachine');
  });

  it('Airflow starts the batch where it is, and a paused schedule stands in where it is not', async () => {
    const batch = async (stack: string) =>
      one(await graphOf(stack), 'databricks:index/job:Job', 'databricks-jobs-batch');
    expect(input(await batch('dev'), 'schedule')).toEqual({
      quartzCronExpression: '0 0 1 * * ?',
      timezoneId: 'UTC',
      pauseStatus: 'PAUSED',
    });
    expect(input(await batch('prod'), 'schedule')).toBeUndefined();
  });

  it('streams have one shard each, or are on demand', async () => {
    const stream = async (stack: string) =>
      one(await graphOf(stack), systems.streams, 'streams-streaming-pin');
    expect((await stream('dev')).inputs).toMatchObject({
      shardCount: 1,
      streamModeDetails: { streamMode: 'PROVISIONED' },
    });
    expect((await stream('prod')).inputs).toMatchObject({ streamModeDetails: { streamMode: 'ON_DEMAND' } });
    expect((await stream('prod')).inputs).not.toHaveProperty('shardCount');
  });

  it('topics, streams and landing files carry the user prefix', async () => {
    const graph = await graphOf('dev', { userPrefix: '0a60b9a8a831' });
    expect(graph.outputs.topics).toEqual(['0a60b9a8a831.pin', '0a60b9a8a831.geo', '0a60b9a8a831.user']);
    expect(graph.outputs.streams).toEqual([
      'streaming-0a60b9a8a831-pin',
      'streaming-0a60b9a8a831-geo',
      'streaming-0a60b9a8a831-user',
    ]);
    const configuration = input(one(graph, systems.connector, 'connector'), 'connectorConfiguration');
    expect(configuration).toMatchObject({ topics: '0a60b9a8a831.pin,0a60b9a8a831.geo,0a60b9a8a831.user' });
  });

  it('only a stack that holds data that matters refuses to be deleted', async () => {
    const dev = await graphOf('dev');
    const prod = await graphOf('prod');
    expect(dev.nodes.filter(({ options }) => options.protect === true)).toEqual([]);
    expect(one(dev, systems.buckets, 'lake-data').inputs).toMatchObject({ forceDestroy: true });
    expect(one(prod, systems.buckets, 'lake-data')).toMatchObject({
      inputs: { forceDestroy: false },
      options: { protect: true },
    });
    expect(one(prod, systems.database, 'database').inputs).toMatchObject({
      deletionProtection: true,
      skipFinalSnapshot: false,
    });
    expect(one(dev, systems.database, 'database').inputs).toMatchObject({
      deletionProtection: false,
      skipFinalSnapshot: true,
    });
  });

  it('the API asks for a key with a usage plan, or for a signature', async () => {
    const usagePlan = 'aws:apigateway/usagePlan:UsagePlan';
    expect(ofType(await graphOf('dev'), usagePlan)).toHaveLength(1);
    expect(ofType(await graphOf('prod'), usagePlan)).toHaveLength(0);
    expect((await graphOf('dev')).outputs.apiKey).toBe('[secret]');
    expect((await graphOf('prod')).outputs).not.toHaveProperty('apiKey');
  });

  it('the account’s one logging role can be left to another stack', async () => {
    const api = { ...settingsOf('dev').api, declareLoggingRole: false };
    expect(ofType(await graphOf('dev', { api }), 'aws:apigateway/account:Account')).toHaveLength(0);
  });

  it('storage does not scale where its largest size is its first', async () => {
    const kafka = { ...settingsOf('dev').kafka, largestVolumeGib: 20 };
    expect(ofType(await graphOf('dev', { kafka }), 'aws:appautoscaling/target:Target')).toHaveLength(0);
  });

  it('a secret scope is there only where a secret is asked for, and its value is masked', async () => {
    const scope = 'databricks:index/secretScope:SecretScope';
    expect(ofType(await graphOf('dev'), scope)).toHaveLength(0);
    const graph = await graphOf('dev', {
      databricks: { ...settingsOf('dev').databricks, secrets: ['maps-key'] },
    });
    expect(input(one(graph, scope, 'databricks-secrets'), 'name')).toBe('pinterest-dev');
    expect(one(graph, 'databricks:index/secret:Secret', 'databricks-secrets-maps-key').inputs).toEqual({
      key: 'maps-key',
      scope: 'pinterest-dev',
      stringValue: '[secret]',
    });
  });
});
