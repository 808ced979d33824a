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
  /** The cluster that mounts the lake, where there is a mount. */
  readonly sharedClusterId: pulumi.Output<string> | undefined;
  readonly warehouse: databricks.SqlEndpoint;

  constructor(
    private readonly name: string,
    args: ComputeArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Compute', name, {}, opts);
    const child = { parent: this, provider: args.provider };
    const settings = args.databricks;
    const policy = new databricks.ClusterPolicy(
      name,
      { name: args.prefix, definition: JSON.stringify(policyDefinition(settings)) },
      child,
    );
    const global = this.changeAllWarehouses(args);
    this.sharedClusterId = this.sharedCluster(args, policy.id);
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
        // It starts when somebody asks; `pulumi up` need not wait for it.
        noWait: true,
        tags: { customTags: Object.entries(args.tags).map(([key, value]) => ({ key, value })) },
      },
      { ...child, dependsOn: [...global] },
    );
    this.policyId = policy.id;
    this.registerOutputs({});
  }

  /** The cluster for people, and for the mount, which only a cluster can make; pinned, or Databricks forgets it. */
  private sharedCluster(
    args: ComputeArgs,
    policyId: pulumi.Input<string>,
  ): pulumi.Output<string> | undefined {
    const { access, databricks: settings, provider } = args;
    if (access.instanceProfileArn === undefined) {
      return undefined;
    }
    return new databricks.Cluster(
      this.name,
      {
        clusterName: `${args.prefix}-shared`,
        policyId,
        autoterminationMinutes: settings.idleMinutes,
        isPinned: true,
        ...clusterShape(args, access.dataSecurityMode.shared),
      },
      { parent: this, provider, dependsOn: [...access.ready] },
    ).id;
  }

  /** Gives all warehouses of the workspace the instance profile, other people's among them: by a switch alone. */
  private changeAllWarehouses(args: ComputeArgs): readonly databricks.SqlGlobalConfig[] {
    const { access, databricks: settings, provider } = args;
    if (access.instanceProfileArn === undefined || !settings.changeAllWarehouses) {
      return [];
    }
    return [
      new databricks.SqlGlobalConfig(
        this.name,
        { instanceProfileArn: access.instanceProfileArn, securityPolicy: 'DATA_ACCESS_CONTROL' },
        { parent: this, provider, dependsOn: [...access.ready] },
      ),
    ];
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
function policyDefinition(settings: Settings['databricks']): Record<string, unknown> {
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
