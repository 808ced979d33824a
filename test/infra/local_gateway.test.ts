import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, it } from 'vitest';
import type { KinesisOperation } from '../../emulator/gateway/operations.ts';
import { assertAllowed } from '../../emulator/gateway/stream_policy.ts';
import { apiPolicy } from '../../infra/gateway/policy.ts';
import { kinesisActions } from '../../pipeline/api/kinesis_paths.ts';

const accountRegion = { region: 'eu-west-1', accountId: '444455556666' };
const prefix = 'streaming-';
const ownStreams = ['streaming-pin', 'streaming-geo', 'streaming-user'];
const onStreams = [
  'createStream',
  'describeStream',
  'deleteStream',
  'putRecord',
  'putRecords',
  'getShardIterator',
] as const satisfies KinesisOperation[];

/** Asks IAM's rules whether API Gateway's role may do it. */
async function isAllowedOnAws(operation: (typeof onStreams)[number], stream: string): Promise<boolean> {
  const response = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${accountRegion.accountId}:role/api-kinesis`,
        action: `kinesis:${kinesisActions(prefix)[operation].action}`,
        resource: {
          resource: `arn:aws:kinesis:${accountRegion.region}:${accountRegion.accountId}:stream/${stream}`,
          accountId: accountRegion.accountId,
        },
        contextVariables: {},
      },
      identityPolicies: [
        {
          name: 'api',
          policy: apiPolicy({ accountRegion, streamPrefix: prefix, ownStreams, managesStreams: true }),
        },
      ],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (response.resultType === 'error') {
    throw new Error(JSON.stringify(response.errors));
  }
  return response.overallResult === 'Allowed';
}

function isAllowedHere(operation: KinesisOperation, stream: string): boolean {
  try {
    assertAllowed({ prefix, ownStreams }, operation, stream);
    return true;
  } catch {
    return false;
  }
}

describe('the gateway on this machine allows what IAM allows on AWS', () => {
  for (const operation of onStreams) {
    it(operation, async () => {
      for (const stream of [...ownStreams, 'streaming-mine', 'streaming-', 'payments', 'my-streaming-pin']) {
        expect(isAllowedHere(operation, stream), stream).toBe(await isAllowedOnAws(operation, stream));
      }
    });
  }
});
