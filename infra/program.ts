/** The whole pipeline, wired in three steps: the AWS foundation, streaming and landing, Databricks and operations. */
import { type Context, contextOf, type ProgramArgs } from './context.ts';
import { type Foundation, foundation } from './foundation.ts';
import { databricksAndOperations, type Operations } from './operations.ts';
import { type Streaming, streamingAndLanding } from './streaming.ts';

/** Declares everything, and gives the stack's outputs. */
export function pipeline(args: ProgramArgs): Record<string, unknown> {
  const context = contextOf(args);
  const base = foundation(context);
  const streaming = streamingAndLanding(context, base);
  const operations = databricksAndOperations(context, base, streaming);
  const outputs = outputsOf(context, base, streaming, operations);
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
}

function outputsOf(context: Context, base: Foundation, streaming: Streaming, operations: Operations) {
  const { settings, region, topics, clientMachine } = context;
  const { streams, database, kafka, lake, alarms } = base;
  const { api, vpcLink } = streaming;
  return {
    region,
    apiUrl: api.url,
    apiAuthorisation: settings.api.authorisation,
    // A secret: `pulumi stack output apiKey --show-secrets`.
    apiKey: api.key,
    userPrefix: settings.userPrefix,
    topics,
    streams: streams.names,
    databaseHost: database.host,
    databasePort: database.port,
    databaseName: database.schema,
    databaseSecretArn: database.secretArn,
    // Session Manager reaches the database through the machine of this name; none runs while paused.
    tunnelMachine: vpcLink === undefined ? undefined : clientMachine,
    emulatorPolicyArn: operations.emulatorPolicyArn,
    bootstrapServers: kafka.bootstrapServers,
    lakeUrl: lake.url,
    alarmsTopicArn: alarms.topicArn,
    airflowUrl: operations.airflow?.url,
    ...operations.lakehouse.outputs,
  };
}
