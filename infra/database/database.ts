/** The MySQL that the emulator reads its posts from: private, its password held by Secrets Manager alone. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import { databasePort } from '../network/roles.ts';

type NewDatabase = Settings['database'] & { readonly kind: 'new' };

export interface DatabaseArgs {
  readonly database: Settings['database'];
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Asked for only where the database is made here. */
  readonly securityGroupId: pulumi.Input<string>;
  readonly protectData: boolean;
  /** In front of the names of instance and last snapshot, such as `pinterest-prod`. */
  readonly prefix: string;
}

/** The schema that holds the three tables, in a database that is made here. */
const databaseName = 'pinterest';

/** The source database, made here or there already. */
export class Database extends pulumi.ComponentResource {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  /** The schema that holds the three tables. */
  readonly schema: string;
  /** The secret with `username` and `password`. */
  readonly secretArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    args: DatabaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:database:Database', name, {}, opts);
    const { database } = args;
    this.schema = database.kind === 'existing' ? database.schema : databaseName;
    if (database.kind === 'existing') {
      this.host = pulumi.output(database.host);
      this.port = pulumi.output(database.port);
      this.secretArn = pulumi.output(database.secretArn);
    } else {
      const instance = this.instance(database, args);
      this.host = instance.address;
      this.port = instance.port;
      this.secretArn = instance.masterUserSecrets.apply((secrets) => managedSecret(secrets));
    }
    this.registerOutputs({ host: this.host });
  }

  private instance(database: NewDatabase, args: DatabaseArgs): aws.rds.Instance {
    const { name } = this;
    const child = { parent: this };
    const subnets = new aws.rds.SubnetGroup(name, { subnetIds: [...args.subnetIds] }, child);
    const parameters = new aws.rds.ParameterGroup(
      name,
      { family: 'mysql8.4', parameters: [{ name: 'require_secure_transport', value: '1' }] },
      child,
    );
    const identifier = `${args.prefix}-database`;
    // RDS would make it by itself, keep it for ever, and leave it behind.
    const log = new aws.cloudwatch.LogGroup(
      `${name}-errors`,
      { name: `/aws/rds/instance/${identifier}/error`, retentionInDays: 14 },
      child,
    );
    return new aws.rds.Instance(
      name,
      {
        identifier,
        engine: 'mysql',
        engineVersion: '8.4',
        instanceClass: database.instanceClass,
        allocatedStorage: database.storageGib,
        maxAllocatedStorage: database.storageGib * 4,
        storageType: 'gp3',
        storageEncrypted: true,
        dbName: databaseName,
        port: databasePort,
        username: 'pinterest',
        manageMasterUserPassword: true,
        caCertIdentifier: 'rds-ca-rsa2048-g1',
        parameterGroupName: parameters.name,
        dbSubnetGroupName: subnets.name,
        vpcSecurityGroupIds: [args.securityGroupId],
        publiclyAccessible: false,
        multiAz: database.standby,
        backupRetentionPeriod: database.backupDays,
        copyTagsToSnapshot: true,
        autoMinorVersionUpgrade: true,
        enabledCloudwatchLogsExports: ['error'],
        deletionProtection: args.protectData,
        deleteAutomatedBackups: !args.protectData,
        skipFinalSnapshot: !args.protectData,
        // A snapshot's name is taken for as long as it is kept; the group's random end is new with each database.
        ...(args.protectData
          ? {
              finalSnapshotIdentifier: subnets.name.apply(
                (name) => `${identifier}-last-${name.split('-').at(-1)}`,
              ),
            }
          : {}),
      },
      { ...child, protect: args.protectData, dependsOn: [log] },
    );
  }
}

function managedSecret(secrets: readonly { readonly secretArn: string }[]): string {
  const [secret] = secrets;
  if (secret === undefined) {
    throw new Error('RDS gave no secret for the master user, though it was asked to manage the password.');
  }
  return secret.secretArn;
}
