/** A role with the one policy that says all it may do. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { PolicyDocument } from './document.ts';

export interface RoleArgs {
  readonly description: string;
  readonly trust: pulumi.Input<PolicyDocument>;
  readonly permissions: pulumi.Input<PolicyDocument>;
  /** A name of its own, where another policy must name the role before it is there. */
  readonly roleName?: string;
  /** Seconds to wait after a new role or policy, before something that checks it at once is told of it. */
  readonly iamPropagationSeconds?: number;
}

/** A role whose policy is inline: it goes with the role, and nobody else can attach it. */
export class Role extends pulumi.ComponentResource {
  readonly roleName: pulumi.Output<string>;
  /** Known once the policy is attached: what takes it can rely on its permissions. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: RoleArgs, opts?: pulumi.ComponentResourceOptions) {
    const { description, trust, permissions, roleName, iamPropagationSeconds } = args;
    super('pinterest:iam:Role', name, {}, opts);
    const role = new aws.iam.Role(
      name,
      {
        description,
        assumeRolePolicy: pulumi.jsonStringify(trust),
        ...(roleName === undefined ? {} : { name: roleName }),
      },
      { parent: this },
    );
    const attached = new aws.iam.RolePolicy(
      name,
      { role: role.name, policy: pulumi.jsonStringify(permissions) },
      {
        parent: this,
        ...propagation(name, iamPropagationSeconds ?? 0),
      },
    );
    this.roleName = role.name;
    this.arn = pulumi.all([role.arn, attached.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }
}

/**
 * Waits once, when a resource is made: IAM answers reads from replicas that take seconds to agree
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html, "eventual consistency").
 */
export function propagation(name: string, seconds: number): pulumi.CustomResourceOptions {
  if (seconds === 0) {
    return {};
  }
  const hook = new pulumi.ResourceHook(
    `${name}-settles`,
    () => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  );
  return { hooks: { afterCreate: [hook] } };
}
