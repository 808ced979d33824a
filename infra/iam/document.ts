/** IAM policies as plain values: what a role may do is readable here, and testable without an account. */

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Readonly<Record<string, string | readonly string[]>> | '*';
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** A policy of these statements, in their order. */
export function policy(...statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

/** Lets actions be done on resources. */
export function allow(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  condition?: Statement['Condition'],
): Statement {
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

/** Forbids actions, whatever else allows them. */
export function deny(sid: string, actions: readonly string[], resources: readonly string[]): Statement {
  return { Sid: sid, Effect: 'Deny', Action: actions, Resource: resources };
}

/** The account and region of this stack's resources. */
export interface AccountRegion {
  readonly region: string;
  readonly accountId: string;
}

/**
 * A role's trust in an AWS service, which must act for this account: without the condition another account's
 * resource could be made to use the role (the "confused deputy" of IAM's guide).
 */
export function trustOfService(service: string, { accountId }: AccountRegion): PolicyDocument {
  return policy({
    Sid: 'AssumedByService',
    Effect: 'Allow',
    Principal: { Service: service },
    Action: ['sts:AssumeRole'],
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  });
}

/** A role's trust in machines of EC2. */
export function trustOfMachines(): PolicyDocument {
  return trustOfSilentService('AssumedByEc2', 'ec2.amazonaws.com');
}

/** A role's trust in API Gateway. */
export function trustOfApiGateway(): PolicyDocument {
  return trustOfSilentService('AssumedByService', 'apigateway.amazonaws.com');
}

/**
 * These do not say for which account they act, as far as AWS documents it, and a condition would shut them out. Nobody
 * can give a role of ours to a machine or an API of another account: iam:PassRole does not reach beyond its own.
 */
function trustOfSilentService(sid: string, service: string): PolicyDocument {
  return policy({
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: service },
    Action: ['sts:AssumeRole'],
  });
}
