/** Access by Unity Catalog: credentials that hand out rights, the lake's location, and a catalog with a schema. */
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import type { Statement } from '../iam/document.ts';
import { Role } from '../iam/role.ts';
import { notifyStatements } from '../monitoring/alarms.ts';
import { type AccessArgs, type LakeAccess, liveSchemaName } from './access.ts';
import {
  credentialPolicy,
  credentialTrust,
  lakeStatements,
  landingStatements,
  streamStatements,
} from './policies.ts';

export interface CatalogArgs extends AccessArgs {
  readonly protectData: boolean;
}

/**
 * Each credential comes before its role: it is made for the name of a role that is not there yet, Databricks gives it
 * an external id, the role's trust names that id, and once the role has spread through IAM the credential is used.
 */
export class CatalogAccess extends pulumi.ComponentResource implements LakeAccess {
  readonly lakePath: string;
  readonly instanceProfileArn = undefined;
  readonly serviceCredential: pulumi.Output<string>;
  readonly landingCredential: pulumi.Output<string>;
  readonly dataSecurityMode = { job: 'SINGLE_USER', shared: 'USER_ISOLATION' } as const;
  readonly ready: readonly pulumi.Resource[];
  readonly catalogName: pulumi.Output<string>;
  readonly schemaName: pulumi.Output<string>;
  readonly answersSchema: pulumi.Output<string>;
  /** `catalog.schema` of the views over the stream's silver. */
  readonly liveSchema: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: CatalogArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:CatalogAccess', name, {}, opts);
    const { prefix, bucketName, bucketArn, lakeFolder } = args;
    this.lakePath = `s3://${bucketName}/${lakeFolder}`;
    const storage = this.storageCredential();
    const streams = this.streamsCredential();
    const landing = this.service('landing', landingStatements(bucketArn, lakeFolder));
    const child = { parent: this, provider: args.provider };
    const location = new databricks.ExternalLocation(
      name,
      {
        name: `${prefix}-lake`,
        url: this.lakePath,
        credentialName: storage.name,
        // On by default, file events need rights on SNS and SQS; nothing here listens for files.
        enableFileEvents: false,
        forceDestroy: !args.protectData,
      },
      { ...child, dependsOn: [storage.role], protect: args.protectData },
    );
    const catalog = new databricks.Catalog(
      name,
      {
        name: prefix.replaceAll('-', '_'),
        comment: 'The Pinterest pipeline',
        storageRoot: `${this.lakePath}/managed`,
        forceDestroy: !args.protectData,
      },
      { ...child, dependsOn: [location], protect: args.protectData },
    );
    const schema = new databricks.Schema(
      name,
      { catalogName: catalog.name, name: 'pinterest', forceDestroy: !args.protectData },
      { ...child, protect: args.protectData },
    );
    const live = new databricks.Schema(
      `${name}-live`,
      { catalogName: catalog.name, name: liveSchemaName, forceDestroy: true },
      child,
    );
    this.liveSchema = pulumi.interpolate`${live.catalogName}.${live.name}`;
    this.answersSchema = pulumi.interpolate`${catalog.name}.${schema.name}`;
    this.serviceCredential = streams.name;
    this.landingCredential = landing.name;
    this.catalogName = catalog.name;
    this.schemaName = schema.name;
    this.ready = [location, streams.role, landing.role];
    this.registerOutputs({});
  }

  private storageCredential() {
    const { prefix, bucketArn, lakeFolder, provider } = this.args;
    const roleName = `${prefix}-lake-credential`;
    const credential = new databricks.StorageCredential(
      `${this.name}-lake`,
      {
        name: `${prefix}-lake`,
        awsIamRole: { roleArn: this.roleArn(roleName) },
        skipValidation: true,
        forceDestroy: !this.args.protectData,
      },
      { parent: this, provider },
    );
    const externalId = credential.awsIamRole.apply((role) => externalIdOf(role, `${prefix}-lake`));
    const role = this.role(`${this.name}-lake`, roleName, externalId, lakeStatements(bucketArn, lakeFolder));
    return { name: credential.name, role };
  }

  private streamsCredential() {
    const { streamArns, alarms } = this.args;
    const statements = pulumi
      .all([pulumi.all([...streamArns]), pulumi.output(alarms)])
      .apply(([arns, told]) => [
        ...streamStatements(arns),
        ...(told === undefined ? [] : notifyStatements(told.topicArn, told.keyArn)),
      ]);
    return this.service('streams', statements);
  }

  /** A credential with which notebooks speak to AWS themselves. The principal that makes it owns it, as it does the jobs: no other may use it. */
  private service(rights: string, statements: pulumi.Input<readonly Statement[]>) {
    const { prefix, provider } = this.args;
    const roleName = `${prefix}-${rights}-credential`;
    const credential = new databricks.Credential(
      `${this.name}-${rights}`,
      {
        name: `${prefix}-${rights}`,
        purpose: 'SERVICE',
        awsIamRole: { roleArn: this.roleArn(roleName) },
        skipValidation: true,
        forceDestroy: !this.args.protectData,
      },
      { parent: this, provider },
    );
    const externalId = credential.awsIamRole.apply((role) => externalIdOf(role, `${prefix}-${rights}`));
    const role = this.role(`${this.name}-${rights}`, roleName, externalId, statements);
    return { name: credential.name, role };
  }

  private role(
    name: string,
    roleName: string,
    externalId: pulumi.Output<string>,
    statements: pulumi.Input<readonly Statement[]>,
  ): Role {
    const { accountRegion, iamPropagationSeconds } = this.args;
    const roleArn = this.roleArn(roleName);
    return new Role(
      name,
      {
        roleName,
        description: 'Unity Catalog hands out these rights',
        trust: externalId.apply((id) => credentialTrust(accountRegion, roleArn, id)),
        permissions: pulumi.output(statements).apply((list) => credentialPolicy(roleArn, list)),
        iamPropagationSeconds,
      },
      { parent: this },
    );
  }

  private roleArn(roleName: string): string {
    return `arn:aws:iam::${this.args.accountRegion.accountId}:role/${roleName}`;
  }
}

function externalIdOf(role: { readonly externalId?: string } | undefined, credential: string): string {
  if (role?.externalId === undefined) {
    throw new Error(
      `Databricks gave no external id for the credential ${credential}, which its role must trust.`,
    );
  }
  return role.externalId;
}
