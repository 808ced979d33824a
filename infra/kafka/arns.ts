/** ARNs of topics and groups of an MSK cluster, which carry the cluster's name and the number that AWS gives it. */

const clusterArn = /^(arn:aws[a-z-]*:kafka:[^:]+:\d+):cluster\/([^/]+)\/([^/]+)$/;

export interface KafkaArns {
  readonly cluster: string;
  /** @param name a topic, or a pattern of topics such as `__amazon_msk_connect_*` */
  topic(name: string): string;
  group(name: string): string;
}

/** @throws RangeError when it is not the ARN of a cluster */
export function kafkaArns(cluster: string): KafkaArns {
  const [, base, name, number] = clusterArn.exec(cluster) ?? [];
  if (base === undefined) {
    throw new RangeError(
      `"${cluster}" is not the ARN of an MSK cluster, arn:aws:kafka:…:cluster/<name>/<number>.`,
    );
  }
  return {
    cluster,
    topic: (topic) => `${base}:topic/${name}/${number}/${topic}`,
    group: (group) => `${base}:group/${name}/${number}/${group}`,
  };
}
