/** The workspace that everything else of Databricks lives in: one that is there, or a new one in our VPC. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import type { AccountRegion } from '../iam/document.ts';
import { propagation, Role } from '../iam/role.ts';
import { PrivateBucket } from '../lake/bucket.ts';
import { rootBucketStatement, workspacePolicy, workspaceTrust } from './policies.ts';

type NewWorkspace = Settings['databricks']['workspace'] & { readonly kind: 'new' };

export interface WorkspaceArgs {
  readonly prefix: string;
  readonly accountRegion: AccountRegion;
  readonly workspace: Settings['databricks']['workspace'];
  /** The service principal that works for us. */
  readonly clientId: string;
  readonly clientSecret: pulumi.Input<string>;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Asked for only where the workspace is new. */
  readonly securityGroupId: () => pulumi.Input<string>;
  readonly iamPropagationSeconds: number;
  readonly protectData: boolean;
  /** Addresses that Databricks tells when its bill is above the budget; for a new workspace. */
  readonly emails: readonly string[];
  readonly monthlyBudgetDollars: number | undefined;
}

/** Options of what is made on the level of the Databricks account. */
interface AccountChild {
  readonly parent: pulumi.Resource;
  readonly provider: databricks.Provider;
}

const accountHost = 'https://accounts.cloud.databricks.com';

/** A workspace, and the provider with which its resources are made: never the one of the environment. */
export class Workspace extends pulumi.ComponentResource {
  readonly host: pulumi.Output<string>;
  readonly provider: databricks.Provider;

  constructor(
    private readonly name: string,
    args: WorkspaceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:Workspace', name, {}, opts);
    const { workspace, clientId, clientSecret } = args;
    const made = workspace.kind === 'new' ? this.newWorkspace(workspace, args) : undefined;
    this.host = made === undefined ? pulumi.output(hostOf(workspace)) : made.host;
    this.provider = new databricks.Provider(
      `${name}-provider`,
      { host: this.host, clientId, clientSecret: pulumi.secret(clientSecret), authType: 'oauth-m2m' },
      { parent: this, dependsOn: made === undefined ? [] : [made.metastore] },
    );
    this.registerOutputs({ host: this.host });
  }

  private newWorkspace(workspace: NewWorkspace, args: WorkspaceArgs) {
    const { accountId, metastoreId } = workspace;
    const account = new databricks.Provider(
      `${this.name}-account`,
      {
        host: accountHost,
        accountId,
        clientId: args.clientId,
        clientSecret: pulumi.secret(args.clientSecret),
        authType: 'oauth-m2m',
      },
      { parent: this },
    );
    const child = { parent: this, provider: account };
    const { credentialsId } = this.credentials(accountId, args, child);
    const { storageConfigurationId } = this.storage(accountId, args, child);
    const { networkId } = new databricks.MwsNetworks(
      this.name,
      {
        accountId,
        networkName: args.prefix,
        vpcId: args.vpcId,
        subnetIds: [...args.subnetIds],
        securityGroupIds: [args.securityGroupId()],
      },
      child,
    );
    const made = new databricks.MwsWorkspaces(
      this.name,
      {
        accountId,
        workspaceName: args.prefix,
        awsRegion: args.accountRegion.region,
        credentialsId,
        storageConfigurationId,
        networkId,
      },
      { ...child, protect: args.protectData, additionalSecretOutputs: ['token'] },
    );
    const metastore = new databricks.MetastoreAssignment(
      this.name,
      { metastoreId, workspaceId: made.workspaceId },
      // With it the account's groups may be assigned, once Databricks has spread the news.
      { ...child, ...propagation(this.name, args.iamPropagationSeconds) },
    );
    this.budget(accountId, made, args, child);
    return { host: made.workspaceUrl, metastore };
  }

  /** Databricks bills its units itself, beside AWS: the budget of AWS does not see them. */
  private budget(
    accountId: string,
    { workspaceId }: databricks.MwsWorkspaces,
    { prefix, emails, monthlyBudgetDollars }: WorkspaceArgs,
    child: AccountChild,
  ): void {
    if (monthlyBudgetDollars === undefined) {
      return;
    }
    new databricks.Budget(
      this.name,
      {
        accountId,
        displayName: prefix,
        filter: { workspaceId: { operator: 'IN', values: [workspaceId.apply(Number)] } },
        alertConfigurations: [
          {
            timePeriod: 'MONTH',
            triggerType: 'CUMULATIVE_SPENDING_EXCEEDED',
            quantityType: 'LIST_PRICE_DOLLARS_USD',
            quantityThreshold: String(monthlyBudgetDollars),
            actionConfigurations: emails.map((target) => ({ actionType: 'EMAIL_NOTIFICATION', target })),
          },
        ],
      },
      child,
    );
  }

  private credentials(
    accountId: string,
    { prefix, accountRegion, vpcId, iamPropagationSeconds }: WorkspaceArgs,
    child: AccountChild,
  ): databricks.MwsCredentials {
    const role = new Role(
      `${this.name}-machines`,
      {
        description: 'Databricks starts machines in the VPC of the pipeline',
        trust: workspaceTrust(accountId),
        permissions: pulumi.output(vpcId).apply((id) => workspacePolicy(accountRegion, id)),
        iamPropagationSeconds,
      },
      { parent: this },
    );
    return new databricks.MwsCredentials(
      this.name,
      { accountId, credentialsName: prefix, roleArn: role.arn },
      child,
    );
  }

  private storage(
    accountId: string,
    { prefix, accountRegion, protectData }: WorkspaceArgs,
    child: AccountChild,
  ): databricks.MwsStorageConfigurations {
    const bucketName = `${prefix}-workspace-${accountRegion.accountId}-${accountRegion.region}`;
    const bucket = new PrivateBucket(
      `${this.name}-root`,
      {
        bucketName,
        protectData,
        oldVersionDays: 7,
        statements: [rootBucketStatement(`arn:aws:s3:::${bucketName}`, accountId)],
      },
      { parent: this },
    );
    return new databricks.MwsStorageConfigurations(
      this.name,
      { accountId, storageConfigurationName: prefix, bucketName: bucket.ready },
      child,
    );
  }
}

function hostOf(workspace: Settings['databricks']['workspace']): string {
  return workspace.kind === 'existing' ? workspace.host : accountHost;
}
