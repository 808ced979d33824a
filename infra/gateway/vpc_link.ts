/** The way from API Gateway to the REST proxy: a VPC link and a load balancer, both inside the VPC. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { RestProxy } from '../../pipeline/api/integrations.ts';
import { httpPort, restProxyPort } from '../network/roles.ts';

/** The stage of the API, which may come before the path of a request. */
export const stageName = 'v1';

export interface VpcLinkArgs {
  /** In the load balancer's name, which may have 32 letters. */
  readonly prefix: string;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly loadBalancerGroupId: pulumi.Input<string>;
  readonly linkGroupId: pulumi.Input<string>;
}

/** The target of the API's private integrations. */
export class VpcLink extends pulumi.ComponentResource {
  readonly restProxy: { readonly [Part in keyof RestProxy]: pulumi.Output<string> };
  /** Known once the load balancer sends requests to it. */
  readonly targetGroupArn: pulumi.Output<string>;
  readonly targetGroup: aws.lb.TargetGroup;
  readonly loadBalancer: aws.lb.LoadBalancer;

  constructor(name: string, args: VpcLinkArgs, opts?: pulumi.ComponentResourceOptions) {
    super('pinterest:gateway:PrivateFront', name, {}, opts);
    const child = { parent: this };
    const link = new aws.apigatewayv2.VpcLink(
      name,
      { subnetIds: [...args.subnetIds], securityGroupIds: [args.linkGroupId] },
      child,
    );
    this.loadBalancer = new aws.lb.LoadBalancer(
      name,
      {
        name: `${args.prefix}-rest-proxy`.slice(0, 32).replace(/-$/, ''),
        internal: true,
        loadBalancerType: 'application',
        subnets: [...args.subnetIds],
        securityGroups: [args.loadBalancerGroupId],
        dropInvalidHeaderFields: true,
      },
      child,
    );
    this.targetGroup = new aws.lb.TargetGroup(
      name,
      {
        // Its name may have 32 letters, which a stack's name could exceed.
        namePrefix: 'rest-',
        vpcId: args.vpcId,
        targetType: 'instance',
        protocol: 'HTTP',
        port: restProxyPort,
        deregistrationDelay: 30,
        // The root answers by itself. `/topics` asks Kafka: machines would be replaced because the brokers are ill.
        healthCheck: {
          path: '/',
          matcher: '200',
          interval: 15,
          healthyThreshold: 2,
          unhealthyThreshold: 4,
        },
      },
      child,
    );
    const listener = new aws.lb.Listener(
      name,
      {
        loadBalancerArn: this.loadBalancer.arn,
        // Within the VPC link's and the VPC's own network; docs/decisions/private-http.md says why no certificate.
        protocol: 'HTTP',
        port: httpPort,
        defaultActions: [{ type: 'forward', targetGroupArn: this.targetGroup.arn }],
      },
      child,
    );
    const rewrite = this.stripStage(name, listener);
    this.restProxy = {
      vpcLinkId: link.id,
      loadBalancerArn: this.loadBalancer.arn,
      url: pulumi.interpolate`http://${this.loadBalancer.dnsName}`,
    };
    this.targetGroupArn = pulumi.all([this.targetGroup.arn, listener.id, rewrite.id]).apply(([arn]) => arn);
    this.registerOutputs({ url: this.restProxy.url });
  }

  /**
   * Takes the stage off paths that begin with it. AWS's guide says that a private integration sends it ("Private
   * integrations for REST APIs", considerations), and two of AWS's samples show paths without: both arrive.
   */
  private stripStage(name: string, listener: aws.lb.Listener): aws.lb.ListenerRule {
    return new aws.lb.ListenerRule(
      name,
      {
        listenerArn: listener.arn,
        priority: 1,
        conditions: [{ pathPattern: { values: [`/${stageName}/*`] } }],
        actions: [{ type: 'forward', targetGroupArn: this.targetGroup.arn }],
        transforms: [
          {
            type: 'url-rewrite',
            urlRewriteConfig: { rewrite: { regex: `^/${stageName}/(.*)$`, replace: '/$1' } },
          },
        ],
      },
      { parent: this },
    );
  }
}
