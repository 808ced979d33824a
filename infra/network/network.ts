/** The VPC: private subnets for everything that works, public ones for the way out alone. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../configuration/settings.ts';
import { allocateSubnets, type SubnetBlocks } from './subnets.ts';

export interface NetworkArgs {
  readonly region: string;
  readonly network: Settings['network'];
  /** Without the way out: nothing that needs one may run. */
  readonly paused: boolean;
}

/** A VPC with a private and a public subnet a zone, NAT, and a gateway to S3 that costs nothing. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly cidr: string;
  /** In the order of the zones. */
  readonly privateSubnetIds: readonly pulumi.Output<string>[];

  constructor(
    private readonly name: string,
    args: NetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { region, network, paused } = args;
    const blocks = allocateSubnets(network.cidr, network.zones);
    super('pinterest:network:Network', name, {}, opts);
    this.cidr = network.cidr;
    const vpc = new aws.ec2.Vpc(
      name,
      { cidrBlock: network.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } },
      { parent: this },
    );
    this.vpcId = vpc.id;
    // The group that AWS makes by itself lets its members talk to each other; nothing here is its member.
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default`,
      { vpcId: vpc.id, ingress: [], egress: [] },
      { parent: this },
    );
    const { subnets, internet } = this.publicSubnets(vpc, blocks);
    const gateways = paused
      ? []
      : this.natGateways(subnets, internet, network.natGateways === 'one' ? 1 : blocks.length);
    const privateSubnets = blocks.map((block, index) =>
      this.privateSubnet(vpc, block, gateways[Math.min(index, gateways.length - 1)]),
    );
    this.privateSubnetIds = privateSubnets.map(({ subnet }) => subnet.id);
    new aws.ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${region}.s3`,
        vpcEndpointType: 'Gateway',
        routeTableIds: privateSubnets.map(({ routes }) => routes.id),
      },
      { parent: this },
    );
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private publicSubnets(vpc: aws.ec2.Vpc, blocks: readonly SubnetBlocks[]) {
    const { name } = this;
    const internet = new aws.ec2.InternetGateway(`${name}-internet`, { vpcId: vpc.id }, { parent: this });
    const routes = new aws.ec2.RouteTable(`${name}-public`, { vpcId: vpc.id }, { parent: this });
    new aws.ec2.Route(
      `${name}-public-internet`,
      { routeTableId: routes.id, destinationCidrBlock: '0.0.0.0/0', gatewayId: internet.id },
      { parent: this },
    );
    const subnets = blocks.map(({ zone, publicBlock }) => {
      const subnet = new aws.ec2.Subnet(
        `${name}-public-${zone}`,
        {
          vpcId: vpc.id,
          availabilityZone: zone,
          cidrBlock: publicBlock,
          mapPublicIpOnLaunch: false,
          tags: { Name: `${name}-public-${zone}` },
        },
        { parent: this },
      );
      new aws.ec2.RouteTableAssociation(
        `${name}-public-${zone}`,
        { subnetId: subnet.id, routeTableId: routes.id },
        { parent: this },
      );
      return subnet;
    });
    return { subnets, internet };
  }

  /** Gateways and addresses wait for the way to the internet, as both resources' documentation asks. */
  private natGateways(
    subnets: readonly aws.ec2.Subnet[],
    internet: aws.ec2.InternetGateway,
    count: number,
  ): readonly aws.ec2.NatGateway[] {
    const options = { parent: this, dependsOn: [internet] };
    return subnets.slice(0, count).map((subnet, index) => {
      const name = `${this.name}-nat-${index + 1}`;
      const address = new aws.ec2.Eip(name, { domain: 'vpc', tags: { Name: name } }, options);
      return new aws.ec2.NatGateway(
        name,
        { subnetId: subnet.id, allocationId: address.id, tags: { Name: name } },
        options,
      );
    });
  }

  private privateSubnet(
    vpc: aws.ec2.Vpc,
    { zone, privateBlock }: SubnetBlocks,
    gateway: aws.ec2.NatGateway | undefined,
  ): { readonly subnet: aws.ec2.Subnet; readonly routes: aws.ec2.RouteTable } {
    const name = `${this.name}-private-${zone}`;
    const subnet = new aws.ec2.Subnet(
      name,
      { vpcId: vpc.id, availabilityZone: zone, cidrBlock: privateBlock, tags: { Name: name } },
      { parent: this },
    );
    const routes = new aws.ec2.RouteTable(name, { vpcId: vpc.id, tags: { Name: name } }, { parent: this });
    new aws.ec2.RouteTableAssociation(
      name,
      { subnetId: subnet.id, routeTableId: routes.id },
      { parent: this },
    );
    if (gateway !== undefined) {
      new aws.ec2.Route(
        `${name}-out`,
        { routeTableId: routes.id, destinationCidrBlock: '0.0.0.0/0', natGatewayId: gateway.id },
        { parent: this },
      );
    }
    return { subnet, routes };
  }
}
