/** AWS APIs on this machine (moto: S3, API Gateway and many more) and the linter of IAM policies, parliament. */

import * as z from 'zod';
import { installedPath, notSetUp, stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import { runPython } from '../../../pipeline/engines/spark/local/python.ts';
import { newFolder } from '../../support/folder.ts';
import { freePort, type Server, startServer } from './processes.ts';
import type { RealSystem } from './real_system.ts';

/** A running server, with every service at one endpoint. */
export interface AwsServer extends Server {
  /** `http://127.0.0.1:port`; S3 needs `forcePathStyle`. */
  readonly endpoint: string;
  readonly region: string;
  /** Any keys: the server checks none. */
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
  /** The same for programs configured by their environment, such as deltalake or our commands. */
  readonly environment: Record<string, string>;
}

const findings = z.array(
  z.strictObject({ issue: z.string(), title: z.string(), severity: z.string(), detail: z.json() }),
);

/** A finding of parliament; `issue` is its code, for example UNKNOWN_ACTION. */
export type PolicyFinding = z.infer<typeof findings>[number];

export const aws = {
  name: 'aws',
  version: () => stampOf('aws') ?? 'moto and parliament',
  missing: () => (stampOf('aws') === undefined ? notSetUp('aws') : undefined),
  /** Starts an empty moto. A restart keeps nothing. */
  start: startMoto,
  /** Lints IAM policies in JSON. @returns the findings of each, in their order */
  lintPolicies,
} satisfies RealSystem & Record<string, unknown>;

async function startMoto(): Promise<AwsServer> {
  const folder = newFolder('aws');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const region = 'eu-west-1';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ALLOW_HTTP: 'true',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const { AWS_ENDPOINT_URL: _, ...own } = environment;
  const server = await startServer({
    name: 'moto_server',
    command: installedPath('aws', 'bin', 'python'),
    arguments: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    environment: own,
    folder,
    ready: async () => (await fetch(`${endpoint}/moto-api/`)).ok,
  });
  return { ...server, endpoint, region, credentials, environment };
}

async function lintPolicies(policies: readonly string[]): Promise<PolicyFinding[][]> {
  const source = `
import parliament

def described(finding):
    finding = parliament.enhance_finding(finding)
    return {"issue": finding.issue, "title": finding.title, "severity": finding.severity, "detail": finding.detail}

output = [[described(finding) for finding in parliament.analyze_policy_string(policy).findings] for policy in input]
`;
  return z.array(findings).parse(await runPython({ environment: 'aws' }, source, policies));
}
