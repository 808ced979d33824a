/** All of Databricks, in the order in which it can be made: workspace, access, compute, notebooks, jobs, answers. */
import type * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Query } from '../../pipeline/plan/query.ts';
import type { Configuration } from '../configuration/from_pulumi.ts';
import type { Settings } from '../configuration/settings.ts';
import type { AccountRegion } from '../iam/document.ts';
import type { PrivateBucket } from '../lake/bucket.ts';
import { lakeFolder } from '../lake/lake.ts';
import type { Alarms } from '../monitoring/alarms.ts';
import type { Network } from '../network/network.ts';
import type { SecurityGroups } from '../network/security_groups.ts';
import type { AccessArgs } from './access.ts';
import { Answers } from './answers.ts';
import { CatalogAccess } from './catalog.ts';
import { Compute } from './compute.ts';
import { Jobs } from './jobs.ts';
import { ProfileAccess } from './mount.ts';
import { Notebooks } from './notebooks.ts';
import { Secrets } from './secrets.ts';
import { Workspace } from './workspace.ts';

export interface LakehouseArgs {
  readonly prefix: string;
  readonly accountRegion: AccountRegion;
  readonly settings: Settings['databricks'];
  readonly configuration: Configuration;
  readonly lake: PrivateBucket;
  readonly streamArns: readonly pulumi.Output<string>[];
  readonly network: Network;
  readonly groups: SecurityGroups;
  readonly queries: readonly Query[];
  readonly notebooks: Readonly<Record<string, string>>;
  readonly userPrefix: string;
  readonly bronzeDays: number | null;
  readonly startedByAirflow: boolean;
  readonly paused: boolean;
  readonly alarms: Alarms;
  readonly emails: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly iamPropagationSeconds: number;
  readonly protectData: boolean;
}

export class Lakehouse extends pulumi.ComponentResource {
  readonly workspace: Workspace;
  readonly jobs: Jobs;
  readonly notebooks: Notebooks;
  /** The values that people and BI tools need to connect. */
  readonly outputs: Readonly<Record<string, pulumi.Input<string>>>;

  constructor(
    private readonly name: string,
    private readonly args: LakehouseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Lakehouse', name, {}, opts);
    const { prefix, accountRegion, settings, queries } = args;
    this.workspace = this.makeWorkspace();
    const { provider } = this.workspace;
    const child = { parent: this };
    const access = this.access(provider);
    const common = { prefix, databricks: settings, access, provider, tags: args.tags };
    const compute = new Compute(`${name}-compute`, common, child);
    const mount =
      access.instanceProfileArn === undefined || compute.sharedClusterId === undefined
        ? []
        : [access.mountOn(compute.sharedClusterId)];
    const folder = `/Shared/${prefix}`;
    this.notebooks = new Notebooks(`${name}-notebooks`, { folder, sources: args.notebooks, provider }, child);
    const dependsOn = [...access.ready, ...mount];
    this.jobs = new Jobs(
      `${name}-jobs`,
      {
        ...common,
        region: accountRegion.region,
        bucket: args.lake.bucketName,
        userPrefix: args.userPrefix,
        bronzeDays: args.bronzeDays,
        notebooks: this.notebooks,
        policyId: compute.policyId,
        startedByAirflow: args.startedByAirflow,
        paused: args.paused,
        alarms: args.alarms,
        emails: args.emails,
        dependsOn,
      },
      child,
    );
    const { warehouse } = compute;
    const answers = new Answers(
      `${name}-answers`,
      {
        prefix,
        queries,
        access,
        warehouse,
        readers: settings.readers,
        assignReaders: settings.workspace.kind === 'new',
        folder,
        provider,
        dependsOn: [...dependsOn, this.notebooks],
      },
      child,
    );
    this.keepSecrets(provider);
    this.outputs = {
      databricksHost: this.workspace.host,
      batchJobId: this.jobs.batchJobId,
      streamingJobId: this.jobs.streamingJobId,
      dashboardId: answers.dashboard.id,
      // For Power BI and Tableau, whose Databricks connectors ask for these two.
      warehouseHost: warehouse.odbcParams.apply((parameters) => parameters.hostname ?? ''),
      warehousePath: warehouse.odbcParams.apply((parameters) => parameters.path ?? ''),
    };
    this.registerOutputs({});
  }

  private makeWorkspace(): Workspace {
    const { prefix, accountRegion, settings, configuration, network, groups } = this.args;
    return new Workspace(
      `${this.name}-workspace`,
      {
        prefix,
        accountRegion,
        workspace: settings.workspace,
        clientId: settings.clientId,
        clientSecret: configuration.secret('databricksClientSecret'),
        vpcId: network.vpcId,
        subnetIds: network.privateSubnetIds,
        securityGroupId: () => groups.of('databricks'),
        iamPropagationSeconds: this.args.iamPropagationSeconds,
        protectData: this.args.protectData,
        emails: this.args.emails,
        monthlyBudgetDollars: settings.monthlyBudgetDollars,
      },
      { parent: this },
    );
  }

  private access(provider: databricks.Provider): CatalogAccess | ProfileAccess {
    const { prefix, accountRegion, settings, lake, streamArns, alarms, startedByAirflow } = this.args;
    const { iamPropagationSeconds, protectData } = this.args;
    const shared: AccessArgs = {
      prefix,
      accountRegion,
      bucketName: lake.bucketName,
      bucketArn: lake.arn,
      lakeFolder,
      streamArns,
      alarms: startedByAirflow ? undefined : { topicArn: alarms.topicArn, keyArn: alarms.keyArn },
      provider,
      iamPropagationSeconds,
    };
    const options = { parent: this, dependsOn: [lake] };
    return settings.access === 'mount'
      ? new ProfileAccess(
          `${this.name}-profile`,
          { ...shared, machinesRole: machinesRoleOf(settings.workspace) },
          options,
        )
      : new CatalogAccess(`${this.name}-catalog`, { ...shared, protectData }, options);
  }

  private keepSecrets(provider: databricks.Provider): void {
    const { prefix, settings, configuration } = this.args;
    if (settings.secrets.length === 0) {
      return;
    }
    const secrets = Object.fromEntries(
      settings.secrets.map((key) => [key, configuration.secret(`databricksSecret-${key}`)]),
    );
    new Secrets(`${this.name}-secrets`, { scope: prefix, secrets, provider }, { parent: this });
  }
}

/** @throws RangeError when there is none, which the settings have checked */
function machinesRoleOf(workspace: Settings['databricks']['workspace']): string {
  if (workspace.kind === 'existing' && workspace.machinesRole !== undefined) {
    return workspace.machinesRole;
  }
  throw new RangeError('Mounts need databricks.workspace.machinesRole.');
}
