/** Clusters: one policy that bounds all, a shared one for people, and the shape of those that jobs start. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import type { LakeAccess } from './access.ts';

export interface ComputeArgs {
  readonly prefix: string;
  readonly databricks: Settings['databricks'];
  readonly access: LakeAccess;
  readonly provider: databricks.Provider;
  readonly tags: Readonly<Record<string, string>>;
}

/** The shape of a cluster, as clusters and jobs both take it. */
export interface ClusterShape {
  readonly sparkVersion: string;
  readonly nodeTypeId: string;
  readonly numWorkers: number;
  readonly sparkConf: Record<string, string>;
  readonly customTags: Record<string, string>;
  readonly dataSecurityMode: string;
  readonly awsAttributes: {
    readonly availability: string;
    readonly firstOnDemand: number;
    readonly zoneId: string;
    readonly instanceProfileArn?: pulumi.Output<string>;
  };
}

/** The cluster for people, the policy for all, and the warehouse that answers dashboards and BI tools. */
export class Compute extends pulumi.ComponentResource {
  readonly policyId: pulumi.Output<string>;
  readonly sharedClusterId: pulumi.Output<string>;
  readonly warehouse: databricks.SqlEndpoint;

  constructor(name: string, args: ComputeArgs, opts?: pulumi.ComponentResourceOptions) {
    super('pinterest:databricks:Compute', name, {}, opts);
    const child = { parent: this, provider: args.provider };
    const settings = args.databricks;
    const policy = new databricks.ClusterPolicy(
      name,
      { name: args.prefix, definition: JSON.stringify(policyDefinition(settings)) },
      child,
    );
    const shared = new databricks.Cluster(
      name,
      {
        clusterName: `${args.prefix}-shared`,
        policyId: policy.id,
        autoterminationMinutes: settings.idleMinutes,
        ...clusterShape(args, args.access.dataSecurityMode.shared),
      },
      { ...child, dependsOn: [...args.access.ready] },
    );
    this.warehouse = new databricks.SqlEndpoint(
      name,
      {
        name: args.prefix,
        clusterSize: settings.warehouseSize,
        autoStopMins: settings.warehouseIdleMinutes,
        minNumClusters: 1,
        maxNumClusters: 1,
        warehouseType: 'PRO',
        // Serverless starts in seconds, so that it can stop in minutes; it cannot carry an instance profile.
        enableServerlessCompute: args.access.instanceProfileArn === undefined,
        tags: { customTags: Object.entries(args.tags).map(([key, value]) => ({ key, value })) },
      },
      child,
    );
    if (args.access.instanceProfileArn !== undefined) {
      new databricks.SqlGlobalConfig(
        name,
        { instanceProfileArn: args.access.instanceProfileArn, securityPolicy: 'DATA_ACCESS_CONTROL' },
        { ...child, dependsOn: [...args.access.ready] },
      );
    }
    this.policyId = policy.id;
    this.sharedClusterId = shared.id;
    this.registerOutputs({});
  }
}

/** The same machines for people and jobs; without workers one machine is driver and worker. */
export function clusterShape(
  { databricks: settings, access, tags }: Pick<ComputeArgs, 'databricks' | 'access' | 'tags'>,
  dataSecurityMode: string,
): ClusterShape {
  const alone = settings.workers === 0;
  return {
    sparkVersion: settings.sparkVersion,
    nodeTypeId: settings.nodeType,
    numWorkers: settings.workers,
    sparkConf: {
      'spark.sql.session.timeZone': 'UTC',
      ...(alone ? { 'spark.databricks.cluster.profile': 'singleNode', 'spark.master': 'local[*]' } : {}),
    },
    customTags: { ...tags, ...(alone ? { ResourceClass: 'SingleNode' } : {}) },
    dataSecurityMode,
    awsAttributes: {
      // The driver must last; workers that are taken away are replaced.
      availability: 'SPOT_WITH_FALLBACK',
      firstOnDemand: 1,
      zoneId: 'auto',
      ...(access.instanceProfileArn === undefined ? {} : { instanceProfileArn: access.instanceProfileArn }),
    },
  };
}

/** The bounds of clusters under the policy: this size at most, this runtime, and never left running. */
export function policyDefinition(settings: Settings['databricks']): Record<string, unknown> {
  return {
    spark_version: { type: 'fixed', value: settings.sparkVersion },
    node_type_id: { type: 'allowlist', values: [settings.nodeType] },
    num_workers: { type: 'range', maxValue: settings.workers },
    autotermination_minutes: {
      type: 'range',
      minValue: 10,
      maxValue: settings.idleMinutes,
      isOptional: true,
    },
  };
}
