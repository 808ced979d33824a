/** Where API Gateway finds the REST proxy and Kinesis, and whom it lets in: known when a stack is declared. */
export interface Integrations {
  readonly region: string;
  /** ARN of the role with which API Gateway calls Kinesis. */
  readonly kinesisRoleArn: string;
  /** What the names of the pipeline's streams begin with: listing leaves out all others. */
  readonly streamPrefix: string;
  /** Undefined while there is none: then topics answer 503, and streams work on. */
  readonly restProxy: RestProxy | undefined;
  /** Callers send a key in `x-api-key`, or sign their requests with AWS credentials. */
  readonly authorisation: 'key' | 'iam';
}

/**
 * The way to the Kafka REST proxy: a VPC link of the second version, and the load balancer that it leads to
 * (API Gateway Developer Guide, "Set up a private integration").
 */
export interface RestProxy {
  readonly vpcLinkId: string;
  readonly loadBalancerArn: string;
  /** `http://host[:port]` of the load balancer. */
  readonly url: string;
}

/** API Gateway gives up by itself after 29 s; a client that waits longer learns nothing more. */
export const integrationTimeoutMilliseconds = 29_000;
