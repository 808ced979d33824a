import { beforeAll, describe, expect, it } from 'vitest';
import { notebookSources } from '../../infra/derived.ts';
import type { Graph } from '../../infra/tools/graph/record.ts';
import { jsonOf, valueAt } from '../../infra/tools/policies/declared.ts';
import { graphOf, input, listAt, madeBefore, ofType, one, policyText, settingsOf } from './stacks.ts';

const job = 'databricks:index/job:Job';
const group = 'aws:autoscaling/group:Group';
const template = 'aws:ec2/launchTemplate:LaunchTemplate';
const connector = 'aws:mskconnect/connector:Connector';
const environment = 'aws:mwaa/environment:Environment';

describe('what AWS does by default', () => {
  let dev: Graph;
  let mount: Graph;
  let prod: Graph;
  beforeAll(async () => {
    [dev, mount, prod] = [await graphOf('dev'), await graphOf('mount'), await graphOf('prod')];
  });

  it('a path with the stage before it reaches the REST proxy too', () => {
    const rule = one(prod, 'aws:lb/listenerRule:ListenerRule', 'rest-proxy');
    expect(rule.inputs).toMatchObject({
      conditions: [{ pathPattern: { values: ['/v1/*'] } }],
      actions: [{ type: 'forward' }],
      transforms: [
        { type: 'url-rewrite', urlRewriteConfig: { rewrite: { regex: '^/v1/(.*)$', replace: '/$1' } } },
      ],
    });
    expect([...madeBefore(prod, one(prod, group, 'kafka-client'))]).toContain(
      'aws:lb/listenerRule:ListenerRule rest-proxy',
    );
  });

  it('a group whose image is an alias promises no rollback, which Auto Scaling refuses', () => {
    expect(String(input(one(prod, template, 'kafka-client'), 'imageId'))).toMatch(/^resolve:ssm:/);
    expect(input(one(prod, group, 'kafka-client'), 'instanceRefresh.preferences')).not.toHaveProperty(
      'autoRollback',
    );
  });

  it('NAT gateways and their addresses wait for the internet gateway', () => {
    for (const type of ['aws:ec2/natGateway:NatGateway', 'aws:ec2/eip:Eip']) {
      for (const node of ofType(prod, type)) {
        expect(node.dependsOn).toContain('aws:ec2/internetGateway:InternetGateway network-internet');
      }
    }
  });

  it('a bucket is ready when it keeps versions, which MWAA asks for, and owns its objects', () => {
    const made = [...madeBefore(prod, one(prod, 'aws:s3/bucketObjectv2:BucketObjectv2', 'artefacts-kafka'))];
    expect(made).toContain('aws:s3/bucketVersioning:BucketVersioning lake-artefacts');
    expect(made).toContain('aws:s3/bucketOwnershipControls:BucketOwnershipControls lake-artefacts');
  });

  it('IAM has time to spread before a service checks what is new', () => {
    const waited = (graph: Graph) =>
      graph.nodes
        .filter(({ options }) => options.afterCreate !== undefined)
        .map(({ type, name }) => `${type.split(':')[2]} ${name}`);
    expect(settingsOf('prod').roleSettlingSeconds).toBe(60);
    expect(waited(prod)).toEqual(
      expect.arrayContaining([
        'RolePolicy databricks-workspace-machines',
        'MetastoreAssignment databricks-workspace',
        'InstanceProfile kafka-client',
      ]),
    );
    expect(waited(mount)).toEqual(
      expect.arrayContaining([
        'InstanceProfile databricks-profile',
        'RolePolicy databricks-profile-hand-out',
        'InstanceProfile kafka-client',
      ]),
    );
    // Resources of the workspace wait for its provider, which waits for the metastore's assignment.
    const provider = one(prod, 'pulumi:providers:databricks', 'databricks-workspace-provider');
    expect([...madeBefore(prod, provider)]).toContain(
      'databricks:index/metastoreAssignment:MetastoreAssignment databricks-workspace',
    );
  });

  it('a connector of fixed size has fixed capacity and its tasks; one that scales has neither', () => {
    expect(input(one(dev, connector, 'connector'), 'capacity')).toEqual({
      provisionedCapacity: { mcuCount: 1, workerCount: 1 },
    });
    expect(input(one(dev, connector, 'connector'), 'connectorConfiguration')).toHaveProperty(
      ['tasks.max'],
      '3',
    );
    expect(input(one(prod, connector, 'connector'), 'capacity.autoscaling')).toMatchObject({
      minWorkerCount: 1,
      maxWorkerCount: 4,
    });
    // One task for each unit of the most workers: as many as MSK Connect ever starts.
    expect(input(one(prod, connector, 'connector'), 'connectorConfiguration')).toHaveProperty(
      ['tasks.max'],
      '8',
    );
  });

  it('the REST proxy’s machines are as many and as large as the stack says, and live while Kafka is ill', () => {
    expect(input(one(prod, template, 'kafka-client'), 'instanceType')).toBe('m7i.large');
    expect(one(prod, group, 'kafka-client').inputs).toMatchObject({
      minSize: 2,
      desiredCapacity: 2,
      maxSize: 4,
    });
    expect(one(dev, group, 'kafka-client').inputs).toMatchObject({
      minSize: 1,
      desiredCapacity: 1,
      maxSize: 2,
    });
    // The root answers by itself; /topics asks Kafka.
    expect(input(one(prod, 'aws:lb/targetGroup:TargetGroup', 'rest-proxy'), 'healthCheck.path')).toBe('/');
  });

  it('Kafka has no ZooKeeper, and what is installed is of a line that is maintained', () => {
    for (const graph of [dev, mount, prod]) {
      expect(input(one(graph, 'aws:msk/cluster:Cluster', 'kafka'), 'kafkaVersion')).toBe('3.9.x.kraft');
    }
    const keys = ofType(prod, 'aws:s3/bucketObjectv2:BucketObjectv2').map(({ inputs }) => String(inputs.key));
    expect(keys).toContain('artefacts/kafka-rest/7.9.1/confluent-community-7.9.1.tar.gz');
    expect(keys).toContain('artefacts/s3-sink/12.1.11/confluentinc-kafka-connect-s3-12.1.11.zip');
  });

  it('Airflow’s web server is open to those whom IAM lets in, or private with its own wheels', async () => {
    const open = one(prod, environment, 'airflow').inputs;
    expect(open.webserverAccessMode).toBe('PUBLIC_ONLY');
    expect(open).not.toHaveProperty('pluginsS3Path');
    expect(prod.outputs).toHaveProperty('airflowUrl');
    const { airflow } = settingsOf('prod');
    const graph = await graphOf('prod', { airflow: { ...airflow, webserver: 'private' } });
    const closed = one(graph, environment, 'airflow').inputs;
    expect(closed).toMatchObject({
      webserverAccessMode: 'PRIVATE_ONLY',
      pluginsS3Path: 'airflow/plugins.zip',
    });
    expect(closed).toHaveProperty('pluginsS3ObjectVersion');
    const requirements = one(
      graph,
      'aws:s3/bucketObjectv2:BucketObjectv2',
      'airflow-airflow-requirements-txt',
    );
    expect(requirements.inputs.content).toContain('--no-index');
    expect(requirements.inputs.content).toContain('--find-links /usr/local/airflow/plugins');
    // The way in is Session Manager's, through the Kafka client.
    expect(
      one(
        graph,
        'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
        'groups-kafka-client-to-airflow',
      ).inputs,
    ).toMatchObject({ fromPort: 443 });
  });

  it('Airflow’s secret is renewed each year, well before its 730 days are over', () => {
    expect(
      one(prod, 'databricks:index/servicePrincipalSecret:ServicePrincipalSecret', 'airflow-principal').inputs,
    ).toMatchObject({
      lifetime: '63072000s',
      timeRotating: '2026',
    });
  });

  it('the last snapshot of a database that is made again has another name', () => {
    const node = one(prod, 'aws:rds/instance:Instance', 'database');
    expect(String(node.inputs.finalSnapshotIdentifier)).toMatch(/^pinterest-prod-database-last-/);
    expect(JSON.stringify(node.inputs.finalSnapshotIdentifier)).toContain(
      String(input(one(prod, 'aws:rds/subnetGroup:SubnetGroup', 'database'), 'name') ?? 'database')
        .split('-')
        .at(-1),
    );
  });

  it('who runs the emulator opens no session without a document, which would be a shell', () => {
    expect(policyText(one(prod, 'aws:iam/policy:Policy', 'emulator'))).toContain(
      '"ssm:SessionDocumentAccessCheck":"true"',
    );
  });

  it('holders of a key make and delete no streams, and nobody asks for more than a few shards', () => {
    const paths = (graph: Graph) =>
      valueAt(jsonOf(one(graph, 'aws:apigateway/restApi:RestApi', 'api').inputs.body), 'paths');
    const ofStream = (graph: Graph) => Object.keys(Object(Object(paths(graph))['/streams/{stream-name}']));
    expect(ofStream(dev)).toEqual(['get']);
    expect(ofStream(prod).sort()).toEqual(['delete', 'get', 'post']);
    const statements = valueAt(
      jsonOf(one(dev, 'aws:iam/rolePolicy:RolePolicy', 'api-kinesis').inputs.policy),
      'Statement',
    );
    const allowed = (Array.isArray(statements) ? statements : []).filter(
      (one) => valueAt(one, 'Effect') === 'Allow',
    );
    expect(JSON.stringify(allowed)).not.toMatch(/kinesis:(Create|Delete)Stream/);
    const body = JSON.stringify(jsonOf(one(prod, 'aws:apigateway/restApi:RestApi', 'api').inputs.body));
    expect(body).toMatch(/"ShardCount":\{[^}]*"maximum":10/);
  });

  it('detailed metrics of the API are paid for only where an alarm reads them', () => {
    for (const graph of [dev, prod]) {
      expect(
        input(one(graph, 'aws:apigateway/methodSettings:MethodSettings', 'api'), 'settings.metricsEnabled'),
      ).toBe(false);
    }
  });

  it('the lake’s bucket loses landing files and old versions by themselves, and nothing else', async () => {
    const lifecycle = 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration';
    const rulesOf = (graph: Graph) => listAt(one(graph, lifecycle, 'lake-data').inputs, 'rules');
    for (const [stack, graph] of [
      ['dev', dev],
      ['mount', mount],
      ['prod', prod],
    ] as const) {
      const { landingDays, oldVersionDays } = settingsOf(stack).lake;
      // What takes a current version away has a prefix: `bronze/`, `silver/`, `gold/` and all others stay.
      expect(rulesOf(graph).filter((rule) => valueAt(rule, 'expiration.days') !== undefined)).toEqual([
        {
          id: 'landing-files',
          status: 'Enabled',
          filter: { prefix: 'lake/topics/' },
          expiration: { days: landingDays },
        },
      ]);
      const others = rulesOf(graph).filter((rule) => valueAt(rule, 'expiration.days') === undefined);
      expect(others).toEqual([
        {
          id: 'old-versions-and-broken-uploads',
          status: 'Enabled',
          filter: {},
          // The mark of a deletion goes with the last version behind it, or every list would go through all of them.
          expiration: { expiredObjectDeleteMarker: true },
          noncurrentVersionExpiration: { noncurrentDays: oldVersionDays },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
        },
      ]);
    }
    const { lake } = settingsOf('dev');
    const kept = await graphOf('dev', { lake: { ...lake, landingDays: null } });
    expect(rulesOf(kept).filter((rule) => valueAt(rule, 'expiration.days') !== undefined)).toEqual([]);
    // The raw copy ends by the maintenance job alone, which takes whole files of the landing: no rule of the bucket.
    const withBronze = await graphOf('dev', { lake: { ...lake, bronzeDays: 400 } });
    expect(rulesOf(withBronze)).toEqual(rulesOf(dev));
  });

  it('a batch that has not run for 26 hours is told, where one should have', async () => {
    const alarm = 'aws:cloudwatch/metricAlarm:MetricAlarm';
    expect(one(prod, alarm, 'watch-batch').inputs).toMatchObject({
      namespace: 'AWS/S3',
      metricName: 'PutRequests',
      dimensions: { BucketName: 'pinterest-prod-lake-444455556666-eu-west-1', FilterId: 'gold' },
      period: 3600,
      evaluationPeriods: 26,
      treatMissingData: 'breaching',
    });
    // A batch that finds nothing new writes no answer, and the maintenance writes to all tables: neither tells.
    expect(one(prod, 'aws:s3/bucketMetric:BucketMetric', 'lake-gold').inputs).toMatchObject({
      name: 'gold',
      filter: { prefix: 'lake/last_batch/' },
    });
    expect(notebookSources().pinterest_batch_data).toContain('.json(f"{lake}/last_batch")');
    // Its schedule is paused: nothing is expected.
    expect(ofType(dev, alarm).map(({ name }) => name)).not.toContain('watch-batch');
    const { databricks } = settingsOf('dev');
    const scheduled = await graphOf('dev', { databricks: { ...databricks, scheduled: true } });
    expect(one(scheduled, alarm, 'watch-batch').inputs).toBeDefined();
    expect(input(one(scheduled, job, 'databricks-jobs-batch'), 'schedule.pauseStatus')).toBe('UNPAUSED');
  });
});
