/** Streaming and landing: how events come in. */
import { namesOf } from '../pipeline/naming.ts';
import { KafkaClient } from './client/client.ts';
import { Connector } from './connect/connector.ts';
import type { Context } from './context.ts';
import type { Foundation } from './foundation.ts';
import { Api } from './gateway/api.ts';
import { VpcLink } from './gateway/vpc_link.ts';

/** The HTTP API with the REST proxy behind it, and the connector that lands topics. */
export function streamingAndLanding(context: Context, base: Foundation) {
  const { settings, prefix, topics, accountRegion, region, options } = context;
  const { network, groups, subnetIds, lake, uploads, kafka, streams } = base;
  // Link and client are of no use without each other, and both are paid by the hour.
  const vpcLink = context.paused
    ? undefined
    : new VpcLink(
        'rest-proxy',
        {
          prefix,
          vpcId: network.vpcId,
          subnetIds,
          loadBalancerGroupId: groups.of('load-balancer'),
          linkGroupId: groups.of('api-link'),
        },
        options,
      );
  const shared = { kafka, topics, artefacts: lake.artefacts, uploads, subnetIds };
  if (vpcLink !== undefined) {
    new KafkaClient(
      'kafka-client',
      {
        ...shared,
        machineName: context.clientMachine,
        client: settings.client,
        iamPropagationSeconds: context.iamPropagationSeconds,
        region,
        securityGroupId: groups.of('kafka-client'),
        targetGroupArn: vpcLink.targetGroupArn,
        tags: context.tags,
      },
      options,
    );
  }
  const connector = context.paused
    ? undefined
    : new Connector(
        'connector',
        {
          ...shared,
          connectorName: `${prefix}-landing`,
          accountRegion,
          connector: settings.connector,
          lake: lake.data,
          securityGroupId: groups.of('connector'),
          iamPropagationSeconds: context.iamPropagationSeconds,
        },
        options,
      );
  const api = new Api(
    'api',
    {
      apiName: `${prefix}-events`,
      accountRegion,
      api: settings.api,
      streamPrefix: streamPrefixOf(settings.userPrefix),
      ownStreams: streams.names,
      vpcLink,
      document: context.openApi,
    },
    // Callers of the API find the streams there.
    { ...options, dependsOn: [streams] },
  );
  return { vpcLink, connector, api };
}

export type Streaming = ReturnType<typeof streamingAndLanding>;

/** The prefix of streams that callers of the API may use. */
function streamPrefixOf(userPrefix: string): string {
  return namesOf({ name: '', sourceTable: '' }, userPrefix).stream;
}
