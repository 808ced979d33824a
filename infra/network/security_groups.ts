/** A security group for each role, with the rules that `roles.ts` lists and no other. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { type NetworkRole, networkRoles, type Reach, reaches, waysOut, webserverReach } from './roles.ts';

export interface SecurityGroupsArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Roles that there is something for; rules with others are left out. */
  readonly roles: readonly NetworkRole[];
  /** A database that is not ours: its group gets a rule for its port, and is otherwise left alone. */
  /** Lets Session Manager's machine reach Airflow's web server. */
  readonly privateWebserver: boolean;
  readonly existingDatabase: { readonly securityGroupId: string; readonly port: number } | undefined;
}

/** The security groups of the VPC. */
export class SecurityGroups extends pulumi.ComponentResource {
  private readonly ids: ReadonlyMap<NetworkRole, pulumi.Output<string>>;

  constructor(
    private readonly name: string,
    args: SecurityGroupsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { vpcId, roles, existingDatabase } = args;
    super('pinterest:network:SecurityGroups', name, {}, opts);
    const made = roles.map((role): [NetworkRole, pulumi.Output<string>] => [role, this.group(role, vpcId)]);
    const existing: [NetworkRole, pulumi.Output<string>][] =
      existingDatabase === undefined ? [] : [['database', pulumi.output(existingDatabase.securityGroupId)]];
    this.ids = new Map([...made, ...existing]);
    for (const reach of [...reaches, ...(args.privateWebserver ? [webserverReach] : [])]) {
      const port = reach.to === 'database' ? (existingDatabase?.port ?? reach.port) : reach.port;
      if (this.ids.has(reach.from) && this.ids.has(reach.to)) {
        this.allow({ ...reach, port });
      }
    }
    for (const [role, ports] of Object.entries(waysOut)) {
      const id = made.find(([name]) => name === role)?.[1];
      for (const port of id === undefined ? [] : ports) {
        this.allowOut(role, id ?? '', port);
      }
    }
    this.registerOutputs({});
  }

  /** The id of a role's group. @throws RangeError when the stack has nothing in that role */
  of(role: NetworkRole): pulumi.Output<string> {
    const id = this.ids.get(role);
    if (id === undefined) {
      throw new RangeError(
        `There is no security group for ${role}; there are ${[...this.ids.keys()].join(', ')}.`,
      );
    }
    return id;
  }

  private group(role: NetworkRole, vpcId: pulumi.Input<string>): pulumi.Output<string> {
    const name = `${this.name}-${role}`;
    return new aws.ec2.SecurityGroup(
      name,
      { vpcId, description: networkRoles[role], tags: { Name: name } },
      { parent: this },
    ).id;
  }

  private allow(reach: Reach): void {
    const { from, to, why } = reach;
    const { protocol, ports } = portsOf(reach);
    const name = `${this.name}-${from}-to-${to}${from === to ? `-${protocol}` : ''}`;
    const description = `${from} to ${to}: ${why}`;
    new aws.vpc.SecurityGroupIngressRule(
      name,
      {
        securityGroupId: this.of(to),
        referencedSecurityGroupId: this.of(from),
        ipProtocol: protocol,
        ...ports,
        description,
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupEgressRule(
      name,
      {
        securityGroupId: this.of(from),
        referencedSecurityGroupId: this.of(to),
        ipProtocol: protocol,
        ...ports,
        description,
      },
      { parent: this },
    );
  }

  private allowOut(role: string, securityGroupId: pulumi.Input<string>, port: number): void {
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-${role}-out-${port}`,
      {
        securityGroupId,
        cidrIpv4: '0.0.0.0/0',
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        description: `${role} to AWS and Databricks`,
      },
      { parent: this },
    );
  }
}

function portsOf({ port }: Reach) {
  if (typeof port === 'number') {
    return { protocol: 'tcp', ports: { fromPort: port, toPort: port } };
  }
  return { protocol: port === 'all-tcp' ? 'tcp' : 'udp', ports: { fromPort: 0, toPort: 65_535 } };
}
