/** All of Databricks, in the order in which it can be made: workspace, access, compute, notebooks, jobs, answers. */
import type * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Query } from '../../pipeline/plan/query.ts';
import type { Configuration } from '../configuration/from_pulumi.ts';
import type { Settings } from '../configuration/settings.ts';
import type { Place } from '../iam/document.ts';
import type { PrivateBucket } from '../lake/bucket.ts';
import { lakeFolder } from '../lake/lake.ts';
import type { Alarms } from '../monitoring/alarms.ts';
import type { Network } from '../network/network.ts';
import type { SecurityGroups } from '../network/security_groups.ts';
import type { AccessArguments } from './access.ts';
import { Answers } from './answers.ts';
import { CatalogAccess } from './catalog.ts';
import { Compute } from './compute.ts';
import { Jobs } from './jobs.ts';
import { ProfileAccess } from './mount.ts';
import { Notebooks } from './notebooks.ts';
import { Secrets } from './secrets.ts';
import { Workspace } from './workspace.ts';

export interface LakehouseArguments {
  readonly prefix: string;
  readonly place: Place;
  readonly settings: Settings['databricks'];
  readonly configuration: Configuration;
  readonly lake: PrivateBucket;
  readonly streamArns: readonly pulumi.Output<string>[];
  readonly network: Network;
  readonly groups: SecurityGroups;
  readonly queries: readonly Query[];
  readonly notebooks: Readonly<Record<string, string>>;
  readonly userPrefix: string;
  readonly startedByAirflow: boolean;
  readonly paused: boolean;
  readonly alarms: Alarms;
  readonly emails: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly settlingSeconds: number;
  readonly protectData: boolean;
}

export class Lakehouse extends pulumi.ComponentResource {
  readonly workspace: Workspace;
  readonly jobs: Jobs;
  /** What people and BI tools need to connect. */
  readonly outputs: Readonly<Record<string, pulumi.Input<string>>>;

  constructor(
    private readonly name: string,
    private readonly given: LakehouseArguments,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Lakehouse', name, {}, options);
    const { prefix, place, settings, queries } = given;
    this.workspace = this.makeWorkspace();
    const { provider } = this.workspace;
    const child = { parent: this };
    const access = this.access(provider);
    const common = { prefix, databricks: settings, access, provider, tags: given.tags };
    const compute = new Compute(`${name}-compute`, common, child);
    const mount = access.instanceProfileArn === undefined ? [] : [access.mountOn(compute.sharedClusterId)];
    const folder = `/Shared/${prefix}`;
    const notebooks = new Notebooks(
      `${name}-notebooks`,
      { folder, sources: given.notebooks, provider },
      child,
    );
    const dependsOn = [...access.ready, ...mount];
    this.jobs = new Jobs(
      `${name}-jobs`,
      {
        ...common,
        region: place.region,
        bucket: given.lake.bucketName,
        userPrefix: given.userPrefix,
        notebooks,
        policyId: compute.policyId,
        startedByAirflow: given.startedByAirflow,
        paused: given.paused,
        alarms: given.alarms,
        emails: given.emails,
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
        dependsOn: [...dependsOn, notebooks],
        protectData: given.protectData,
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
    const { prefix, place, settings, configuration, network, groups } = this.given;
    return new Workspace(
      `${this.name}-workspace`,
      {
        prefix,
        place,
        workspace: settings.workspace,
        clientId: settings.clientId,
        clientSecret: configuration.secret('databricksClientSecret'),
        vpcId: network.vpcId,
        subnetIds: network.privateSubnetIds,
        securityGroupId: () => groups.of('databricks'),
        settlingSeconds: this.given.settlingSeconds,
        protectData: this.given.protectData,
      },
      { parent: this },
    );
  }

  private access(provider: databricks.Provider): CatalogAccess | ProfileAccess {
    const { prefix, place, settings, lake, streamArns, alarms, startedByAirflow } = this.given;
    const { settlingSeconds, protectData } = this.given;
    const shared: AccessArguments = {
      prefix,
      place,
      bucketName: lake.bucketName,
      bucketArn: lake.arn,
      lakeFolder,
      streamArns,
      alarms: startedByAirflow ? undefined : { topicArn: alarms.topicArn, keyArn: alarms.keyArn },
      provider,
      settlingSeconds,
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
    const { prefix, settings, configuration } = this.given;
    if (settings.secrets.length === 0) return;
    const secrets = Object.fromEntries(
      settings.secrets.map((key) => [key, configuration.secret(`databricksSecret-${key}`)]),
    );
    new Secrets(`${this.name}-secrets`, { scope: prefix, secrets, provider }, { parent: this });
  }
}

/** @throws RangeError when there is none, which the settings have checked */
function machinesRoleOf(workspace: Settings['databricks']['workspace']): string {
  if (workspace.kind === 'existing' && workspace.machinesRole !== undefined) return workspace.machinesRole;
  throw new RangeError('Mounts need databricks.workspace.machinesRole.');
}
