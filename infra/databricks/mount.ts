/** Access by mount: an instance profile that clusters carry, and the lake's bucket at `/mnt/…` of DBFS. */
import * as aws from '@pulumi/aws';
import * as databricks from '@pulumi/databricks';
import * as pulumi from '@pulumi/pulumi';
import { policy, trustOfMachines } from '../iam/document.ts';
import { propagation, Role } from '../iam/role.ts';
import { notifyStatements } from '../monitoring/alarms.ts';
import { type AccessArgs, type LakeAccess, liveSchemaName, mountPoint } from './access.ts';
import { lakeStatements, passInstanceRole, streamStatements } from './policies.ts';

export interface ProfileArgs extends AccessArgs {
  /** The name of the role with which Databricks starts machines, which must be let hand out the profile. */
  readonly machinesRole: string;
}

/** The instance profile. The mount itself needs a cluster to make it: see `mountOn`. */
export class ProfileAccess extends pulumi.ComponentResource implements LakeAccess {
  readonly lakePath: string;
  readonly instanceProfileArn: pulumi.Output<string>;
  readonly serviceCredential = '';
  readonly landingCredential = '';
  readonly liveSchema = liveSchemaName;
  readonly answersSchema = '';
  // Mounts and instance profiles are of the time before Unity Catalog, as is the mode without isolation.
  readonly dataSecurityMode = { job: 'NONE', shared: 'NONE' } as const;
  readonly ready: readonly pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: ProfileArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:databricks:ProfileAccess', name, {}, opts);
    const { bucketArn, lakeFolder, streamArns, alarms, provider, iamPropagationSeconds } = args;
    this.lakePath = `dbfs:${mountPoint}/${lakeFolder}`;
    const role = new Role(
      `${name}-role`,
      {
        description: 'Clusters read and write the lake, and read the streams',
        trust: trustOfMachines(),
        permissions: pulumi
          .all([pulumi.all([...streamArns]), pulumi.output(alarms)])
          .apply(([arns, told]) =>
            policy(
              ...lakeStatements(bucketArn, lakeFolder),
              ...streamStatements(arns),
              ...(told === undefined ? [] : notifyStatements(told.topicArn, told.keyArn)),
            ),
          ),
        iamPropagationSeconds,
      },
      { parent: this },
    );
    const profile = new aws.iam.InstanceProfile(
      name,
      { role: role.roleName },
      { parent: this, ...propagation(name, iamPropagationSeconds) },
    );
    const registered = new databricks.InstanceProfile(
      name,
      // Databricks would try it by starting a machine, which a role that is seconds old may fail.
      { instanceProfileArn: profile.arn, iamRoleArn: role.arn, skipValidation: true },
      { parent: this, provider, dependsOn: [this.passRole(role)] },
    );
    this.instanceProfileArn = registered.instanceProfileArn;
    this.ready = [registered];
    this.registerOutputs({});
  }

  /** Adds one right to a role that is not ours: to give machines this role, and no other. */
  private passRole(role: Role): aws.iam.RolePolicy {
    const permissions = role.arn.apply((arn) => policy(passInstanceRole(arn)));
    return new aws.iam.RolePolicy(
      `${this.name}-hand-out`,
      { role: this.args.machinesRole, policy: pulumi.jsonStringify(permissions) },
      { parent: this, ...propagation(`${this.name}-hand-out`, this.args.iamPropagationSeconds) },
    );
  }

  /** Mounts the lake's bucket, on a cluster that carries the profile. */
  mountOn(clusterId: pulumi.Input<string>): databricks.Mount {
    return new databricks.Mount(
      this.name,
      { name: mountPoint.slice('/mnt/'.length), clusterId, s3: { bucketName: this.args.bucketName } },
      { parent: this, provider: this.args.provider },
    );
  }
}
