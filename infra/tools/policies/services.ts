/** Values that AWS and Databricks refuse, ignore, or act on in a way that nobody would expect: each with its source. */
import { type Declared, type Rule, type Violation, valueAt } from './declared.ts';

type Check = (inputs: unknown) => readonly Violation[];

const checks: Readonly<Record<string, Check>> = {
  'aws:autoscaling/group:Group': (inputs) =>
    valueAt(inputs, 'instanceRefresh.preferences.autoRollback') === true
      ? [
          'must not set autoRollback: its image is an alias, and Auto Scaling refuses (API_RollbackInstanceRefresh)',
        ]
      : [],
  'aws:apigateway/methodSettings:MethodSettings': (inputs) =>
    valueAt(inputs, 'settings.metricsEnabled') === true
      ? ['must not set metricsEnabled: metrics by method are billed, and no alarm reads them']
      : [],
  // https://docs.aws.amazon.com/mwaa/latest/userguide/best-practices-dependencies.html
  'aws:mwaa/environment:Environment': (inputs) =>
    valueAt(inputs, 'webserverAccessMode') === 'PRIVATE_ONLY' &&
    valueAt(inputs, 'pluginsS3Path') === undefined
      ? ['must set pluginsS3Path: a private web server installs from wheels alone']
      : [],
  // https://docs.aws.amazon.com/msk/latest/developerguide/msk-connect-connectors.html
  'aws:mskconnect/connector:Connector': (inputs) => {
    const least = valueAt(inputs, 'capacity.autoscaling.minWorkerCount');
    return least !== undefined && least === valueAt(inputs, 'capacity.autoscaling.maxWorkerCount')
      ? ['must have provisionedCapacity: one that scales has its tasks.max overridden']
      : [];
  },
  // https://docs.aws.amazon.com/msk/latest/developerguide/supported-kafka-versions.html
  'aws:msk/cluster:Cluster': (inputs) =>
    /^3\..*\.kraft$|^[4-9]\./.test(String(valueAt(inputs, 'kafkaVersion')))
      ? []
      : ['kafkaVersion must be one without ZooKeeper, such as 3.9.x.kraft'],
  // https://docs.databricks.com/api/workspace/warehouses/create
  'databricks:index/sqlEndpoint:SqlEndpoint': (inputs) => {
    const minutes = Number(valueAt(inputs, 'autoStopMins'));
    return minutes === 0 || minutes >= 10 ? [] : ['autoStopMins must be 0 or 10 and more'];
  },
  // https://github.com/databricks/terraform-provider-databricks/pull/2466
  'databricks:index/job:Job': (inputs) =>
    (valueAt(inputs, 'continuous') !== undefined) === (valueAt(inputs, 'controlRunState') === true)
      ? []
      : [
          'must set controlRunState where it is continuous, and there alone: a paused one would go on running',
        ],
  'databricks:index/externalLocation:ExternalLocation': (inputs) =>
    valueAt(inputs, 'enableFileEvents') === false
      ? []
      : ['must set enableFileEvents to false: its role has no rights for them'],
  'databricks:index/sqlTable:SqlTable': () => [
    'must be made by the batch: a declared column can neither change its type nor go',
  ],
};

export const services: Rule = {
  name: 'services-accept',
  description: 'Nothing is declared that AWS or Databricks refuse or ignore.',
  each: ({ type, inputs }) => checks[type]?.(inputs) ?? [],
  all: (resources) => doubledPermissions(resources),
};

/** A second list of permissions on an object replaces the first, and back again at the next `up`. */
function doubledPermissions(resources: readonly Declared[]): readonly (readonly [Declared, Violation])[] {
  const seen = new Set<string>();
  return resources
    .filter(({ type }) => type === 'databricks:index/permissions:Permissions')
    .flatMap((resource) => {
      const { accessControls: _, ...object } = resource.inputs;
      const key = JSON.stringify(object);
      const isSecond = seen.has(key);
      seen.add(key);
      return isSecond ? [[resource, 'is the second list of permissions of its object'] as const] : [];
    });
}
