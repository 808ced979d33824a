import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../infra/tools/graph/record.ts';
import { graphOf, input, ofType, one } from './stacks.ts';

const ingressRule = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const egressRule = 'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule';

/** `from → to:port` of every rule that lets something in. */
function reachesOf(graph: Graph): readonly string[] {
  const role = (id: unknown) => String(id).replace(/^groups-(.*)-id$/, '$1');
  return ofType(graph, ingressRule)
    .map((rule) => {
      const port =
        input(rule, 'fromPort') === 0 ? `all ${input(rule, 'ipProtocol')}` : input(rule, 'fromPort');
      return `${role(input(rule, 'referencedSecurityGroupId'))} → ${role(input(rule, 'securityGroupId'))}: ${port}`;
    })
    .sort();
}

describe('who may reach whom', () => {
  let dev: Graph;
  let prod: Graph;
  beforeAll(async () => {
    dev = await graphOf('dev');
    prod = await graphOf('prod');
  });

  it('is this and no more, in dev', () => {
    expect(reachesOf(dev)).toEqual([
      'api-link → load-balancer: 80',
      'connector → brokers: 9098',
      'kafka-client → brokers: 9098',
      'kafka-client → database: 3306',
      'load-balancer → kafka-client: 8082',
    ]);
  });

  it('adds Airflow and the workspace’s own machines in prod', () => {
    expect(reachesOf(prod)).toEqual([
      'airflow → airflow: all tcp',
      'api-link → load-balancer: 80',
      'connector → brokers: 9098',
      'databricks → databricks: all tcp',
      'databricks → databricks: all udp',
      'kafka-client → brokers: 9098',
      'kafka-client → database: 3306',
      'load-balancer → kafka-client: 8082',
    ]);
  });

  it('lets nothing into the brokers’ or the database’s way out, and no address in anywhere', () => {
    const out = ofType(prod, egressRule).filter((rule) => input(rule, 'cidrIpv4') !== undefined);
    const roles = new Set(out.map((rule) => input(rule, 'securityGroupId')));
    expect(roles).toEqual(
      new Set(['groups-kafka-client-id', 'groups-connector-id', 'groups-airflow-id', 'groups-databricks-id']),
    );
    for (const rule of ofType(prod, ingressRule)) {
      expect(input(rule, 'cidrIpv4')).toBeUndefined();
    }
  });

  it('puts each system into its own group', () => {
    expect(
      input(one(prod, 'aws:msk/cluster:Cluster', 'kafka'), 'brokerNodeGroupInfo.securityGroups'),
    ).toEqual(['groups-brokers-id']);
    expect(input(one(prod, 'aws:rds/instance:Instance', 'database'), 'vpcSecurityGroupIds')).toEqual([
      'groups-database-id',
    ]);
    expect(
      input(
        one(prod, 'aws:mwaa/environment:Environment', 'airflow'),
        'networkConfiguration.securityGroupIds',
      ),
    ).toEqual(['groups-airflow-id']);
  });

  it('lets the client into a database that is there already, and changes nothing else of it', async () => {
    const existing = await graphOf('dev', {
      database: {
        kind: 'existing',
        host: 'mysql.example.com',
        port: 3307,
        schema: 'posts',
        secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:mysql-AbCdEf',
        securityGroupId: 'sg-0123456789abcdef0',
      },
    });
    expect(reachesOf(existing)).toContain('kafka-client → sg-0123456789abcdef0: 3307');
    expect(ofType(existing, 'aws:rds/instance:Instance')).toEqual([]);
    expect(existing.outputs).toMatchObject({
      databaseHost: 'mysql.example.com',
      databasePort: 3307,
      databaseName: 'posts',
    });
  });
});

describe('the network', () => {
  it('has one NAT gateway in dev, which both zones use, and one a zone in prod', async () => {
    const natOf = (graph: Graph) =>
      ofType(graph, 'aws:ec2/route:Route')
        .map((route) => input(route, 'natGatewayId'))
        .filter((id) => id !== undefined);
    expect(natOf(await graphOf('dev'))).toEqual(['network-nat-1-id', 'network-nat-1-id']);
    expect(natOf(await graphOf('prod'))).toEqual([
      'network-nat-1-id',
      'network-nat-2-id',
      'network-nat-3-id',
    ]);
  });

  it('has a gateway to S3 on every private route table', async () => {
    const endpoint = one(await graphOf('dev'), 'aws:ec2/vpcEndpoint:VpcEndpoint', 'network-s3');
    expect(endpoint.inputs).toMatchObject({
      vpcEndpointType: 'Gateway',
      serviceName: 'com.amazonaws.eu-west-1.s3',
      routeTableIds: ['network-private-eu-west-1a-id', 'network-private-eu-west-1b-id'],
    });
  });
});
