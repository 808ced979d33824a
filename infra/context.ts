/** The values that all parts of the program share: settings, names and switches, from a stack's configuration. */
import * as aws from '@pulumi/aws';
import type { Integrations } from '../pipeline/api/integrations.ts';
import { namesOf } from '../pipeline/naming.ts';
import type { Dataset } from '../pipeline/plan/dataset.ts';
import type { Query } from '../pipeline/plan/query.ts';
import type { Configuration } from './configuration/from_pulumi.ts';

/** Inputs of the program besides the stack's configuration. */
export interface ProgramArgs {
  readonly stack: string;
  /** The year in which the program runs, in UTC. */
  readonly year: number;
  readonly configuration: Configuration;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** Sources of the Databricks notebooks by name. */
  readonly notebooks: Readonly<Record<string, string>>;
  /** Builds the OpenAPI document with its integrations. */
  readonly openApi: (integrations: Integrations) => object;
  /** Requires that the artefacts have been fetched. */
  readonly artefactsRequired: boolean;
}

/** Names and switches that all three steps share. */
export function contextOf(args: ProgramArgs) {
  const { stack, configuration, datasets } = args;
  const { settings } = configuration;
  const { accountId, region, paused, protectData } = settings;
  const prefix = `pinterest-${stack}`;
  const tags = {
    project: 'pinterest-pipeline',
    stack,
    owner: settings.owner,
    data: protectData ? 'protected' : 'disposable',
  };
  const names = datasets.map((dataset) => namesOf(dataset, settings.userPrefix));
  const provider = new aws.Provider('aws', {
    region,
    // A stack never touches another account, whichever credentials the environment holds.
    allowedAccountIds: [accountId],
    defaultTags: { tags },
  });
  return {
    ...args,
    settings,
    prefix,
    tags,
    region,
    paused,
    protectData,
    accountRegion: { accountId, region },
    iamPropagationSeconds: settings.roleSettlingSeconds,
    topics: names.map(({ topic }) => topic),
    streamNames: names.map(({ stream }) => stream),
    clientMachine: `${prefix}-kafka-client`,
    withAirflow: settings.airflow.enabled && !paused,
    streamIsRead: settings.databricks.streaming === 'running' && !paused,
    provider,
    options: { providers: [provider] },
  };
}

export type Context = ReturnType<typeof contextOf>;
