import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { configurationOptions } from '../../infra/airflow/environment.ts';
import type { Graph } from '../../infra/tools/graph/record.ts';
import { jsonOf } from '../../infra/tools/policies/declared.ts';
import { queries } from '../../queries/index.ts';
import { graphOf, input, ofType, one } from './stacks.ts';

describe('the wiring', () => {
  let dev: Graph;
  let mount: Graph;
  let prod: Graph;
  beforeAll(async () => {
    dev = await graphOf('dev');
    mount = await graphOf('mount');
    prod = await graphOf('prod');
  });

  it('Kafka makes no topic by itself, and the three are declared as often kept as brokers allow', () => {
    const properties = String(
      input(one(prod, 'aws:msk/configuration:Configuration', 'kafka'), 'serverProperties'),
    );
    expect(properties).toContain('auto.create.topics.enable=false\n');
    expect(properties).toContain('min.insync.replicas=2\n');
    expect(
      ofType(prod, 'aws:msk/topic:Topic').map(({ inputs }) => [inputs.name, inputs.replicationFactor]),
    ).toEqual([
      ['geo', 3],
      ['pin', 3],
      ['user', 3],
    ]);
  });

  it('Kafka’s disks grow by themselves, and what they grew to is no change', () => {
    expect(one(prod, 'aws:msk/cluster:Cluster', 'kafka').options).toMatchObject({
      ignoreChanges: ['brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize'],
    });
    expect(one(prod, 'aws:appautoscaling/target:Target', 'kafka-storage').inputs).toMatchObject({
      maxCapacity: 2000,
      resourceId:
        'arn:aws:kafka:eu-west-1:444455556666:cluster/pinterest-prod/1b671a64-40d5-491e-99b0-da01ff1f3341-1',
    });
  });

  it('the connector lands where every engine looks for landing files', () => {
    const configuration = input(
      one(dev, 'aws:mskconnect/connector:Connector', 'connector'),
      'connectorConfiguration',
    );
    expect(configuration).toMatchObject({
      's3.bucket.name': 'pinterest-dev-lake-111122223333-eu-west-1',
      'topics.dir': 'lake/topics',
      topics: 'pin,geo,user',
    });
    expect(dev.outputs.lakeUrl).toBe('s3://pinterest-dev-lake-111122223333-eu-west-1/lake');
    const job = one(dev, 'databricks:index/job:Job', 'databricks-jobs-batch');
    expect(JSON.stringify(input(job, 'tasks'))).toContain(`"landing":"${dev.outputs.lakeUrl}"`);
    const mountJob = one(mount, 'databricks:index/job:Job', 'databricks-jobs-batch');
    expect(JSON.stringify(input(mountJob, 'tasks'))).toContain('"landing":"dbfs:/mnt/pinterest/lake"');
    const prodJob = one(prod, 'databricks:index/job:Job', 'databricks-jobs-batch');
    expect(JSON.stringify(input(prodJob, 'tasks'))).toContain(`"landing":"${prod.outputs.lakeUrl}"`);
  });

  it('landing files go after their time, and nothing else of the lake does', () => {
    const rules = input(
      one(dev, 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration', 'lake-data'),
      'rules',
    );
    expect(rules).toEqual([
      expect.objectContaining({
        id: 'old-versions-and-broken-uploads',
        filter: {},
        // Of objects that are gone already.
        expiration: { expiredObjectDeleteMarker: true },
      }),
      {
        id: 'landing-files',
        status: 'Enabled',
        filter: { prefix: 'lake/topics/' },
        expiration: { days: 30 },
      },
    ]);
  });

  it('the deployment follows the body that API Gateway gets, references and all', () => {
    const body = one(dev, 'aws:apigateway/restApi:RestApi', 'api').inputs.body;
    const text = JSON.stringify(jsonOf(body));
    expect(text).toContain('arn:aws:iam::111122223333:role/api-kinesis');
    expect(text).toContain('rest-proxy-id');
    expect(text).toContain(
      'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/pinterest-dev-rest-proxy',
    );
    const trigger = String(input(one(dev, 'aws:apigateway/deployment:Deployment', 'api'), 'triggers.body'));
    expect(trigger).not.toBe(createHash('sha256').update('').digest('hex'));
  });

  it('the API is throttled, counted and logged without bodies', () => {
    expect(input(one(dev, 'aws:apigateway/methodSettings:MethodSettings', 'api'), 'settings')).toMatchObject({
      throttlingRateLimit: 100,
      throttlingBurstLimit: 200,
      metricsEnabled: false,
      dataTraceEnabled: false,
    });
    const format = JSON.stringify(
      input(one(dev, 'aws:apigateway/stage:Stage', 'api'), 'accessLogSettings.format'),
    );
    expect(format).toContain('$context.requestId');
    expect(format).not.toContain('body');
  });

  it('Airflow reads what is uploaded, at the version that is configured, and knows the job', () => {
    const environment = one(prod, 'aws:mwaa/environment:Environment', 'airflow').inputs;
    expect(environment).toMatchObject({
      airflowVersion: '2.11.0',
      dagS3Path: 'dags',
      requirementsS3Path: 'airflow/requirements.txt',
      requirementsS3ObjectVersion: 'made-up-version',
      webserverAccessMode: 'PUBLIC_ONLY',
    });
    // The SDK takes all of Airflow's own settings for secrets.
    expect(environment.airflowConfigurationOptions).toBe('[secret]');
    expect(configurationOptions('12', 'arn:topic')).toMatchObject({
      'pinterest.batch_job_id': '12',
      'pinterest.alarms_topic': 'arn:topic',
      'secrets.backend_kwargs':
        '{"connections_prefix":"airflow/connections","variables_prefix":null,"config_prefix":null}',
    });
    expect(one(prod, 'aws:secretsmanager/secret:Secret', 'airflow-principal').inputs.name).toBe(
      'airflow/connections/databricks_default',
    );
    const dag = readFileSync(new URL('../../infra/dags/pinterest_daily.py', import.meta.url));
    expect(
      one(prod, 'aws:s3/bucketObjectv2:BucketObjectv2', 'airflow-dags-pinterest_daily-py').inputs,
    ).toMatchObject({
      key: 'dags/pinterest_daily.py',
      sourceHash: createHash('sha256').update(dag).digest('hex'),
    });
  });

  it('Airflow’s principal may run the one job, and nothing else', () => {
    const { accessControls, jobId } = one(
      prod,
      'databricks:index/permissions:Permissions',
      'databricks-operators-batch',
    ).inputs;
    expect(jobId).toBe('databricks-jobs-batch-id');
    const principal = '1b671a64-40d5-491e-99b0-da01ff1f3341';
    expect(accessControls).toContainEqual({
      servicePrincipalName: principal,
      permissionLevel: 'CAN_MANAGE_RUN',
    });
    const permitted = ofType(prod, 'databricks:index/permissions:Permissions').filter(({ inputs }) =>
      JSON.stringify(inputs).includes(principal),
    );
    expect(permitted).toHaveLength(1);
  });

  it('clusters end by themselves, one machine where there are no workers, and the warehouse stops', () => {
    expect(one(mount, 'databricks:index/cluster:Cluster', 'databricks-compute').inputs).toMatchObject({
      autoterminationMinutes: 15,
      numWorkers: 0,
      sparkConf: { 'spark.master': 'local[*]' },
      customTags: { ResourceClass: 'SingleNode' },
    });
    expect(one(dev, 'databricks:index/sqlEndpoint:SqlEndpoint', 'databricks-compute').inputs).toMatchObject({
      autoStopMins: 10,
      clusterSize: '2X-Small',
      maxNumClusters: 1,
    });
  });

  it('the batch makes a table of each answer in the catalog, which readers may only read', () => {
    const tables = (graph: Graph) => {
      const job = one(graph, 'databricks:index/job:Job', 'databricks-jobs-batch');
      return /"tables":"([^"]*)"/.exec(JSON.stringify(job.inputs.tasks))?.[1];
    };
    expect(tables(prod)).toBe('pinterest_prod.pinterest');
    expect(tables(mount)).toBe('');
    const dashboard = JSON.stringify(
      one(prod, 'databricks:index/dashboard:Dashboard', 'databricks-answers').inputs,
    );
    for (const { name } of queries) {
      expect(dashboard).toContain(`\`pinterest_prod\`.\`pinterest\`.\`${name}\``);
    }
    expect(one(prod, 'databricks:index/grants:Grants', 'databricks-answers-schema').inputs.grants).toEqual([
      { principal: 'pinterest-readers', privileges: ['SELECT', 'USE_SCHEMA'] },
    ]);
  });

  it('every alarm tells the one topic, when it begins and when it ends', () => {
    const alarms = ofType(prod, 'aws:cloudwatch/metricAlarm:MetricAlarm');
    expect(alarms.map(({ name }) => name)).toEqual([
      'watch-api',
      'watch-batch',
      'watch-broker-1',
      'watch-broker-2',
      'watch-broker-3',
      'watch-connector',
      'watch-kafka-client',
      'watch-stream-streaming-geo',
      'watch-stream-streaming-pin',
      'watch-stream-streaming-user',
    ]);
    const topic = ['arn:aws:sns:eu-west-1:444455556666:pinterest-prod-alarms'];
    for (const { inputs } of alarms) {
      expect(inputs).toMatchObject({ alarmActions: topic, okActions: topic });
    }
    expect(one(prod, 'aws:budgets/budget:Budget', 'alarms').inputs).toMatchObject({ limitAmount: '6000' });
  });

  it('silence is an alarm where somebody should be at work, and none where nobody is', async () => {
    const silences = (graph: Graph) =>
      Object.fromEntries(
        ofType(graph, 'aws:cloudwatch/metricAlarm:MetricAlarm').map(({ name, inputs }) => [
          name.replace('watch-', ''),
          inputs.treatMissingData,
        ]),
      );
    // The streaming job of dev is paused: nobody reads, and Kinesis counts no age.
    expect(silences(dev)).toMatchObject({
      'stream-streaming-pin': 'notBreaching',
      connector: 'breaching',
      'kafka-client': 'breaching',
      api: 'notBreaching',
      'broker-1': 'notBreaching',
    });
    expect(silences(prod)).toMatchObject({ 'stream-streaming-pin': 'breaching' });
    expect(silences(await graphOf('prod', { paused: true }))).toMatchObject({
      'stream-streaming-pin': 'notBreaching',
    });
  });

  it('readers are let into a workspace that is new, and see a dashboard that asks with the right rights', () => {
    const assignment = 'databricks:index/permissionAssignment:PermissionAssignment';
    expect(one(prod, assignment, 'databricks-answers-readers').inputs).toEqual({
      groupName: 'pinterest-readers',
      permissions: ['USER'],
    });
    expect(ofType(dev, assignment)).toEqual([]);
    const dashboard = 'databricks:index/dashboard:Dashboard';
    expect(one(prod, dashboard, 'databricks-answers').inputs.embedCredentials).toBe(false);
    expect(one(mount, dashboard, 'databricks-answers').inputs.embedCredentials).toBe(true);
  });

  it('the outputs are all that the emulator and BI tools need', () => {
    expect(Object.keys(dev.outputs).sort()).toEqual([
      'alarmsTopicArn',
      'apiAuthorisation',
      'apiKey',
      'apiUrl',
      'batchJobId',
      'bootstrapServers',
      'dashboardId',
      'databaseHost',
      'databaseName',
      'databasePort',
      'databaseSecretArn',
      'databricksHost',
      'emulatorPolicyArn',
      'lakeUrl',
      'region',
      'streamingJobId',
      'streams',
      'topics',
      'tunnelMachine',
      'userPrefix',
      'warehouseHost',
      'warehousePath',
    ]);
  });
});
