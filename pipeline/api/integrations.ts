/** API Gateway's targets (the REST proxy and Kinesis) and its authorisation, which a stack declares. */
export interface Integrations {
  readonly region: string;
  /** ARN of the role with which API Gateway calls Kinesis. */
  readonly kinesisRoleArn: string;
  /** The prefix of the pipeline's streams. Listing leaves out all others. */
  readonly streamPrefix: string;
  /** Undefined while it does not exist: then topics respond with 503, and streams keep working. */
  readonly restProxy: RestProxy | undefined;
  /** Callers send a key in `x-api-key`, or sign their requests with AWS credentials. */
  readonly authorisation: 'key' | 'iam';
}

/**
 * The route to the Kafka REST proxy: a VPC link of the second version, and the load balancer behind it
 * (API Gateway Developer Guide, "Set up a private integration").
 */
export interface RestProxy {
  readonly vpcLinkId: string;
  readonly loadBalancerArn: string;
  /** `http://host[:port]` of the load balancer. */
  readonly url: string;
}

/** API Gateway times out after 29 s, so a client gains nothing by waiting longer. */
export const integrationTimeoutMilliseconds = 29_000;
