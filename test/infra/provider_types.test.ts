import { describe, expect, it } from 'vitest';
import { ProviderTypes } from '../../infra/tools/graph/provider_types.ts';
import { replaces } from '../../infra/tools/graph/replacing.ts';

const types = new ProviderTypes();

describe('what the SDKs say of inputs', () => {
  it('accepts what is right', () => {
    expect(
      types.problems('aws:kinesis/stream:Stream', {
        shardCount: 1,
        streamModeDetails: { streamMode: 'PROVISIONED' },
      }),
    ).toEqual([]);
  });

  it.each([
    ['aws:kinesis/stream:Stream', { shardCont: 1 }, 'shardCont is not a property; there are '],
    ['aws:kinesis/stream:Stream', { shardCount: '1' }, 'shardCount must be a number, and is "1"'],
    ['aws:kinesis/stream:Stream', { streamModeDetails: {} }, 'streamModeDetails.streamMode is missing'],
    [
      'aws:kinesis/stream:Stream',
      { streamModeDetails: { streamMode: 'x', x: 1 } },
      'streamModeDetails.x is not a property',
    ],
    ['aws:msk/topic:Topic', { partitionCount: 1 }, 'clusterArn is missing'],
    ['aws:ec2/securityGroup:SecurityGroup', { ingress: {} }, 'ingress must be a list'],
    ['databricks:index/cluster:Cluster', { numWorkers: 1 }, 'sparkVersion is missing'],
    ['aws:msk/klaster:Klaster', {}, 'there is no resource type'],
  ])('%s refuses %j', (type, inputs, says) => {
    expect(types.problems(type, inputs).join('\n')).toContain(says);
  });

  it('passes over what is not known yet', () => {
    expect(types.problems('aws:kinesis/stream:Stream', { shardCount: Symbol('unknown') })).toEqual([]);
  });

  it.each([
    ['aws:msk/cluster:Cluster', 'clusterName', true],
    ['aws:msk/cluster:Cluster', 'kafkaVersion', false],
    ['aws:apigateway/deployment:Deployment', 'triggers', true],
    ['aws:rds/instance:Instance', 'instanceClass', false],
    ['aws:rds/subnetGroup:SubnetGroup', 'subnetIds', false],
  ])('a change of %s %s makes a new one: %s', (type, property, answer) => {
    expect(replaces(types, type, property)).toBe(answer);
  });
});
