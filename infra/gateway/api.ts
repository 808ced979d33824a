/** The HTTP API: one OpenAPI document with its integrations, deployed again whenever it changes. */
import { createHash } from 'node:crypto';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Integrations } from '../../pipeline/api/integrations.ts';
import type { Settings } from '../configuration/settings.ts';
import { type AccountRegion, trustOfApiGateway } from '../iam/document.ts';
import { Role } from '../iam/role.ts';
import { apiPolicy } from './policy.ts';
import { stageName, type VpcLink } from './vpc_link.ts';

export interface ApiArgs {
  readonly apiName: string;
  readonly accountRegion: AccountRegion;
  readonly api: Settings['api'];
  readonly streamPrefix: string;
  readonly ownStreams: readonly string[];
  /** The way to the REST proxy; undefined while the stack is paused. */
  readonly vpcLink: VpcLink | undefined;
  /** Builds the OpenAPI document. */
  readonly document: (integrations: Integrations) => object;
}

/** The API with one stage, throttled, logged, and open to holders of a key or of IAM rights alone. */
export class Api extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  /** ARN of all methods of the stage, for policies of callers. */
  readonly executionArn: pulumi.Output<string>;
  /** The key that callers send, where the API asks for one; a secret. */
  readonly key: pulumi.Output<string> | undefined;
  readonly apiName: string;
  readonly stageName = stageName;

  constructor(
    private readonly name: string,
    args: ApiArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('pinterest:gateway:Api', name, {}, opts);
    this.apiName = args.apiName;
    const child = { parent: this };
    const body = this.body(args);
    const restApi = new aws.apigateway.RestApi(
      name,
      { name: args.apiName, body, endpointConfiguration: { types: 'REGIONAL' }, failOnWarnings: true },
      child,
    );
    const deployment = new aws.apigateway.Deployment(
      name,
      // A new deployment is made before the stage leaves the old one: the stage must never be without.
      { restApi: restApi.id, triggers: { body: body.apply(sha256) } },
      child,
    );
    const stage = this.stage(args, restApi, deployment);
    this.url = stage.invokeUrl;
    this.executionArn = pulumi.interpolate`${stage.executionArn}/*`;
    this.key = args.api.authorisation === 'key' ? this.keyWithPlan(args.api, restApi, stage) : undefined;
    this.registerOutputs({ url: this.url });
  }

  private body({
    accountRegion,
    api,
    streamPrefix,
    ownStreams,
    vpcLink,
    document,
  }: ApiArgs): pulumi.Output<string> {
    const role = new Role(
      `${this.name}-kinesis`,
      {
        description: 'API Gateway uses the streams of the prefix',
        trust: trustOfApiGateway(),
        permissions: apiPolicy({
          accountRegion,
          streamPrefix,
          ownStreams,
          managesStreams: api.authorisation === 'iam',
        }),
      },
      { parent: this },
    );
    return pulumi.all([role.arn, pulumi.output(vpcLink?.restProxy)]).apply(([kinesisRoleArn, restProxy]) =>
      JSON.stringify(
        document({
          region: accountRegion.region,
          kinesisRoleArn,
          streamPrefix,
          restProxy,
          authorisation: api.authorisation,
        }),
      ),
    );
  }

  private stage(
    { apiName, api }: ApiArgs,
    restApi: aws.apigateway.RestApi,
    deployment: aws.apigateway.Deployment,
  ): aws.apigateway.Stage {
    const { name } = this;
    const logs = new aws.cloudwatch.LogGroup(
      name,
      { name: `/pinterest/${apiName}/access`, retentionInDays: 30 },
      { parent: this },
    );
    // API Gateway would make it by itself, keep it for ever, and leave it behind.
    const errors = new aws.cloudwatch.LogGroup(
      `${name}-errors`,
      {
        name: pulumi.interpolate`API-Gateway-Execution-Logs_${restApi.id}/${stageName}`,
        retentionInDays: 30,
      },
      { parent: this },
    );
    const dependsOn = [errors, ...(api.declareLoggingRole ? [this.loggingRole()] : [])];
    const stage = new aws.apigateway.Stage(
      name,
      {
        restApi: restApi.id,
        deployment: deployment.id,
        stageName,
        accessLogSettings: { destinationArn: logs.arn, format: accessLogFormat },
      },
      { parent: this, dependsOn },
    );
    new aws.apigateway.MethodSettings(
      name,
      {
        restApi: restApi.id,
        stageName: stage.stageName,
        methodPath: '*/*',
        settings: {
          // Numbers by method cost extra; the alarm reads those of the stage, which are there anyway.
          metricsEnabled: false,
          loggingLevel: 'ERROR',
          // Bodies hold people's names.
          dataTraceEnabled: false,
          throttlingRateLimit: api.requestsPerSecond,
          throttlingBurstLimit: api.burst,
        },
      },
      { parent: this },
    );
    return stage;
  }

  private loggingRole(): aws.apigateway.Account {
    const name = `${this.name}-logging`;
    const role = new aws.iam.Role(
      name,
      {
        description: 'API Gateway writes logs, for this account and region',
        assumeRolePolicy: JSON.stringify(trustOfApiGateway()),
      },
      { parent: this },
    );
    const attached = new aws.iam.RolePolicyAttachment(
      name,
      {
        role: role.name,
        // API Gateway refuses a role with less than this.
        policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
      },
      { parent: this },
    );
    return new aws.apigateway.Account(
      name,
      { cloudwatchRoleArn: role.arn },
      { parent: this, dependsOn: [attached] },
    );
  }

  private keyWithPlan(
    api: Settings['api'],
    restApi: aws.apigateway.RestApi,
    stage: aws.apigateway.Stage,
  ): pulumi.Output<string> {
    const { name } = this;
    const plan = new aws.apigateway.UsagePlan(
      name,
      {
        apiStages: [{ apiId: restApi.id, stage: stage.stageName }],
        throttleSettings: { rateLimit: api.requestsPerSecond, burstLimit: api.burst },
        quotaSettings: { limit: api.requestsPerMonth, period: 'MONTH' },
      },
      { parent: this },
    );
    const key = new aws.apigateway.ApiKey(
      name,
      { description: 'For the emulator' },
      { parent: this, additionalSecretOutputs: ['value'] },
    );
    new aws.apigateway.UsagePlanKey(
      name,
      { usagePlanId: plan.id, keyId: key.id, keyType: 'API_KEY' },
      { parent: this },
    );
    return pulumi.secret(key.value);
  }
}

/** One JSON object a request, with nothing of its body. */
const accessLogFormat = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  caller: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.resourcePath',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationError: '$context.integrationErrorMessage',
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
