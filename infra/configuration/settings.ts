/** The settings of a stack: sizes and switches, checked before anything is declared. */
import * as z from 'zod';
import { databricks } from './databricks_settings.ts';

const cidrBlock = z
  .string()
  .regex(
    /^(10|172|192)\.\d{1,3}\.\d{1,3}\.0\/16$/,
    'must be a private block of size /16, such as 10.40.0.0/16',
  );
const email = z.email('must be an e-mail address');
const hours = z.number().int().min(24, 'must be 24 or more').max(8760, 'must be 8760 (a year) or less');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as eu-west-1');
const zone = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'must be a zone such as eu-west-1a');

const network = z.strictObject({
  cidr: cidrBlock,
  /** MWAA needs two, and MSK puts as many brokers into each. */
  zones: z.array(zone).min(2, 'must name two zones or more').max(3, 'must name three zones or fewer'),
  natGateways: z.enum(['one', 'one-a-zone']),
});

const lake = z.strictObject({
  /** Landing files older than this go; null keeps them. The silver tables hold what was read from them. */
  landingDays: z.number().int().min(7).nullable(),
  /** The lines of landing files are kept so long in `bronze/`, for rules that change after the files are gone; null keeps none. */
  bronzeDays: z.number().int().min(1).nullable().default(null),
  oldVersionDays: z.number().int().min(1),
});

const database = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('new'),
    instanceClass: z.string().startsWith('db.', 'must be an RDS class such as db.t4g.micro'),
    storageGib: z.number().int().min(20, 'must be 20 or more'),
    standby: z.boolean(),
    backupDays: z.number().int().min(1, 'must be 1 or more: backups are not optional').max(35),
  }),
  z.strictObject({
    kind: z.literal('existing'),
    host: z.string().min(1),
    port: z.number().int().default(3306),
    /** The schema with the three tables. */
    schema: z.string().min(1).default('pinterest'),
    secretArn: z.string().startsWith('arn:', 'must be the ARN of the secret with username and password'),
    securityGroupId: z.string().startsWith('sg-', 'must be the security group of the database'),
  }),
]);

const kafka = z.strictObject({
  version: z
    .string()
    .regex(
      /^(3\.(9|\d\d)\.(x|\d+)\.kraft|[4-9]\.\d+\.(x|\d+)(\.kraft)?)$/,
      'must be 3.9 or later without ZooKeeper, as MSK names it, such as 3.9.x.kraft',
    ),
  instanceType: z.string().startsWith('kafka.', 'must be a broker size such as kafka.t3.small'),
  brokers: z.number().int().min(2, 'must be 2 or more'),
  volumeGib: z.number().int().min(1).max(16_384),
  largestVolumeGib: z.number().int().min(1).max(16_384),
  partitions: z.number().int().min(1),
  replication: z.number().int().min(1),
  retentionHours: hours,
});

const connector = z.strictObject({
  kafkaConnectVersion: z.string(),
  unitsPerWorker: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]),
  fewestWorkers: z.number().int().min(1),
  mostWorkers: z.number().int().min(1).max(10),
  /** Applies only to a connector of fixed size: MSK Connect sets it itself for one that scales. */
  tasks: z.number().int().min(1).optional(),
  /** Records in a landing file; 1 makes a file of each, as the original does. */
  flushSize: z.number().int().min(1),
  /** A file is closed after this time even when it is not full. */
  rotateMinutes: z.number().int().min(1),
});

/** The machines of the REST proxy. */
const client = z.strictObject({
  instanceType: z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9]+$/, 'must be a machine of EC2 such as t3.small'),
  machines: z.number().int().min(1, 'must be 1 or more').max(6),
  /** Memory of the proxy's Java. */
  heapMib: z.number().int().min(256, 'must be 256 or more'),
});

const api = z.strictObject({
  authorisation: z.enum(['key', 'iam']),
  requestsPerSecond: z.number().int().min(1),
  burst: z.number().int().min(1),
  requestsPerMonth: z.number().int().min(1),
  /** The role with which API Gateway writes logs is one for an account and region: off where another stack has it. */
  declareLoggingRole: z.boolean(),
});

const streams = z.strictObject({
  mode: z.enum(['on-demand', 'shards']),
  shards: z.number().int().min(1),
  retentionHours: hours,
});

/** https://docs.aws.amazon.com/mwaa/latest/userguide/airflow-versions.html */
const airflowVersions = ['2.11.0', '3.0.6'] as const;

const airflow = z.strictObject({
  enabled: z.boolean(),
  version: z.enum(
    airflowVersions,
    `must be a version of Airflow that MWAA has and the DAG is tested on: ${airflowVersions.join(' or ')}`,
  ),
  /** public: reached from anywhere by those whom IAM lets in; private: from inside the VPC alone. */
  webserver: z.enum(['public', 'private']).default('public'),
  environmentClass: z.string().startsWith('mw1.', 'must be an MWAA class such as mw1.micro'),
  mostWorkers: z.number().int().min(1).max(25),
});

const watching = z.strictObject({
  emails: z.array(email).min(1, 'must name who is told'),
  monthlyBudgetDollars: z.number().positive('must be above 0: a budget is required'),
});

/** The settings of a stack, one group a system. */
export const settings = z
  .strictObject({
    accountId: z.string().regex(/^\d{12}$/, 'must be the twelve digits of the AWS account'),
    region,
    owner: z.string().min(1, 'must say who answers for the stack'),
    userPrefix: z
      .string()
      .regex(/^([a-z0-9][a-z0-9-]{0,30})?$/, 'must be lower case letters, digits and hyphens'),
    /** Takes away what costs by the hour and holds no data: connector, MWAA, NAT gateways and Kafka client. */
    paused: z.boolean(),
    /** Deletion protection for what holds data; without it `pulumi destroy` leaves nothing behind. */
    protectData: z.boolean(),
    /** Seconds for which IAM may take to spread a new role, before a service that checks it at once is given its name. */
    roleSettlingSeconds: z.number().int().min(0).max(300),
    network,
    lake,
    database,
    kafka,
    connector,
    client: client.default({ instanceType: 't3.small', machines: 1, heapMib: 512 }),
    api,
    streams,
    airflow,
    databricks,
    watching,
  })
  .superRefine((value, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const { landingDays, bronzeDays } = value.lake;
    if (bronzeDays !== null && landingDays === null) {
      refuse(
        ['lake', 'bronzeDays'],
        'has no effect where landingDays is null: landing files stay; remove it',
      );
    }
    if (bronzeDays !== null && landingDays !== null && bronzeDays <= landingDays) {
      refuse(
        ['lake', 'bronzeDays'],
        `must be more than landingDays, ${landingDays}: the files are there so long`,
      );
    }
    if (value.kafka.brokers % value.network.zones.length !== 0) {
      refuse(
        ['kafka', 'brokers'],
        `must be a multiple of the ${value.network.zones.length} zones: MSK puts as many into each`,
      );
    }
    if (value.kafka.replication > value.kafka.brokers) {
      refuse(['kafka', 'replication'], `must be at most the ${value.kafka.brokers} brokers`);
    }
    if (value.kafka.largestVolumeGib < value.kafka.volumeGib) {
      refuse(['kafka', 'largestVolumeGib'], `must be at least volumeGib, ${value.kafka.volumeGib}`);
    }
    if (value.connector.mostWorkers < value.connector.fewestWorkers) {
      refuse(
        ['connector', 'mostWorkers'],
        `must be at least fewestWorkers, ${value.connector.fewestWorkers}`,
      );
    }
    for (const [index, zone] of value.network.zones.entries()) {
      if (!zone.startsWith(value.region) || value.network.zones.indexOf(zone) !== index) {
        refuse(['network', 'zones', index], `must be a zone of ${value.region}, named once`);
      }
    }
    const scales = value.connector.mostWorkers > value.connector.fewestWorkers;
    if (scales !== (value.connector.tasks === undefined)) {
      refuse(
        ['connector', 'tasks'],
        scales
          ? 'has no effect where fewestWorkers is less than mostWorkers: MSK Connect sets it; remove it'
          : 'is missing: a connector of fixed size needs it',
      );
    }
    const { workspace, access, batchCompute, admins, monthlyBudgetDollars } = value.databricks;
    if (access === 'mount' && batchCompute === 'serverless') {
      refuse(
        ['databricks', 'batchCompute'],
        'must be cluster: serverless machines carry no instance profile',
      );
    }
    if (workspace.kind === 'new' && admins === undefined) {
      refuse(
        ['databricks', 'admins'],
        'must name a group of the account: nobody else may work in a new workspace',
      );
    }
    if (workspace.kind === 'existing' && monthlyBudgetDollars !== undefined) {
      refuse(
        ['databricks', 'monthlyBudgetDollars'],
        'has no effect in an existing workspace: its budget is set at the Databricks account; remove it',
      );
    }
    if (workspace.kind === 'new' && access === 'mount') {
      refuse(['databricks', 'access'], 'must be catalog: a new workspace has no DBFS mounts');
    }
    if (workspace.kind === 'existing' && access === 'mount' && workspace.machinesRole === undefined) {
      refuse(
        ['databricks', 'workspace', 'machinesRole'],
        "must name the IAM role of the workspace's credential configuration: it hands the instance profile to machines",
      );
    }
    if (value.airflow.environmentClass === 'mw1.micro' && value.airflow.mostWorkers !== 1) {
      refuse(['airflow', 'mostWorkers'], 'must be 1: mw1.micro has one worker');
    }
  });

export type Settings = z.output<typeof settings>;

/** The stack's configuration is not one that the program understands. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Checks the configuration of a stack, given as values by key.
 * @throws SettingsError with a line for each value that is missing or wrong, and how to set it
 */
export function readSettings(values: Readonly<Record<string, unknown>>, stack: string): Settings {
  const checked = settings.safeParse(values);
  if (checked.success) {
    return checked.data;
  }
  const problems = checked.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `${[...issue.path, key].join('.')} is not a setting; remove it`)
      : [`${issue.path.join('.')} ${wordsOf(issue)}`],
  );
  throw new SettingsError(
    `The configuration of stack ${stack} has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}:\n` +
      `${problems.map((problem) => `  ${problem}\n`).join('')}` +
      `Change infra/Pulumi.${stack}.yaml, or: pulumi config set --path 'group.name' VALUE`,
  );
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') {
    return issue.message;
  }
  return issue.message.endsWith('received undefined')
    ? `is missing: it must be a ${issue.expected}`
    : issue.message.replace(/^Invalid input: expected/, 'must be a');
}

/** The keys at the top of a stack's configuration. */
export const settingKeys: readonly string[] = Object.keys(settings.shape);

/**
 * Parses a setting that Pulumi holds as a string, as it does with every value of `pulumi config set`: objects, numbers and
 * booleans are JSON, strings stay as they are.
 */
export function settingFromText(key: string, text: string | undefined): unknown {
  if (text === undefined || isText(key)) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Checks that a setting is a string, so that one that looks like a number stays a string. */
function isText(key: string): boolean {
  return Object.entries(settings.shape).some(
    ([name, schema]) => name === key && schema instanceof z.ZodString,
  );
}
