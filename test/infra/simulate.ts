/** AWS's answer to a request, by evaluating the policies that the program declares. */
import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import type { GraphNode } from '../../infra/tools/graph/record.ts';
import { jsonOf } from '../../infra/tools/policies/declared.ts';

export interface Request {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly accountId: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** `Allowed`, or why not. @throws when the simulator finds the request or a policy not to be one of IAM's */
export async function simulate(
  request: Request,
  policies: { readonly identity?: GraphNode; readonly resource?: unknown },
): Promise<string> {
  const simulation: Simulation = {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.accountId },
      contextVariables: { ...request.context },
    },
    identityPolicies:
      policies.identity === undefined
        ? []
        : [{ name: policies.identity.name, policy: jsonOf(policies.identity.inputs.policy) }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(policies.resource === undefined ? {} : { resourcePolicy: policies.resource }),
  };
  const response = await runSimulation(simulation, {});
  if (response.resultType === 'error') {
    throw new Error(`The simulator refuses ${request.action}: ${JSON.stringify(response.errors)}`);
  }
  return response.overallResult;
}
