/** The start script of the Kafka client, a pure function of a few names. */
import { restProxyPort } from '../network/roles.ts';

/** An object in the bucket of artefacts. */
export interface InstalledFile {
  readonly key: string;
  /** SHA-256, or undefined where none is pinned. */
  readonly sha256: string | undefined;
}

export interface UserDataArgs {
  readonly region: string;
  readonly bucket: string;
  readonly bootstrapServers: string;
  readonly kafka: InstalledFile;
  readonly restProxy: InstalledFile;
  readonly iamAuth: InstalledFile;
  /** Memory of the proxy's Java. */
  readonly heapMib: number;
}

const safeText = /^[\w.:,/@+-]+$/;

/**
 * The script of the Kafka client, under 16 KiB as EC2 demands. It can run again without harm, and ends with an error
 * at the first thing that fails, so that the machine never looks healthy half made.
 * @throws RangeError when a value holds something that a shell would read as more than text
 */
export function userData(args: UserDataArgs): string {
  const { region, bucket, bootstrapServers, kafka, restProxy, iamAuth, heapMib } = args;
  const values = [region, bucket, bootstrapServers, kafka.key, restProxy.key, iamAuth.key];
  for (const value of values) {
    if (!safeText.test(value)) {
      throw new RangeError(
        `"${value}" cannot go into a start script: only letters, digits and . : , / @ + - _ can.`,
      );
    }
  }
  return `#!/bin/bash
# Made by infra/client/user_data.ts: Kafka's tools, IAM sign-in and Confluent's REST proxy on Amazon Linux 2023.
set -euo pipefail

REGION='${region}'
BUCKET='${bucket}'
BOOTSTRAP='${bootstrapServers}'

fetch() { # KEY FILE SHA256 : from our bucket, through the VPC's S3 gateway; checked where a digest is pinned
  aws s3 cp --only-show-errors --region "$REGION" "s3://$BUCKET/$1" "$2"
  if [ -n "$3" ]; then echo "$3  $2" | sha256sum --check --quiet; fi
}

dnf install --assumeyes --quiet java-17-amazon-corretto-headless tar gzip
id -u kafka >/dev/null 2>&1 || useradd --system --home-dir /opt/kafka-client --shell /sbin/nologin kafka

install -d -m 0755 /opt/kafka-client /opt/kafka-client/kafka /opt/kafka-client/rest /etc/kafka-client
${fetching(kafka, '/opt/kafka-client/kafka.tgz')}
${fetching(restProxy, '/opt/kafka-client/rest.tar.gz')}
${fetching(iamAuth, '/opt/kafka-client/msk-iam-auth.jar')}
tar -xzf /opt/kafka-client/kafka.tgz -C /opt/kafka-client/kafka --strip-components=1
tar -xzf /opt/kafka-client/rest.tar.gz -C /opt/kafka-client/rest --strip-components=1
rm -f /opt/kafka-client/kafka.tgz /opt/kafka-client/rest.tar.gz

# For a person who looks at topics: kafka-topics.sh --command-config /etc/kafka-client/client.properties
cat >/etc/kafka-client/client.properties <<'PROPERTIES'
${properties(iamSignIn(''))}PROPERTIES

cat >/etc/kafka-client/rest.properties <<PROPERTIES
bootstrap.servers=$BOOTSTRAP
PROPERTIES
cat >>/etc/kafka-client/rest.properties <<'PROPERTIES'
${properties({
  listeners: `http://0.0.0.0:${restProxyPort}`,
  ...iamSignIn('client.'),
  'producer.acks': 'all',
  'producer.enable.idempotence': 'true',
  'api.v3.enable': 'false',
})}PROPERTIES

cat >/etc/systemd/system/kafka-rest.service <<'UNIT'
[Unit]
Description=Confluent REST proxy in front of Kafka
After=network-online.target
Wants=network-online.target

[Service]
User=kafka
Environment=CLASSPATH=/opt/kafka-client/msk-iam-auth.jar
Environment=LOG_DIR=/var/log/kafka-rest
Environment=KAFKAREST_HEAP_OPTS=-Xmx${heapMib}m
ExecStart=/opt/kafka-client/rest/bin/kafka-rest-start /etc/kafka-client/rest.properties
Restart=always
RestartSec=5
NoNewPrivileges=true
ProtectSystem=full

[Install]
WantedBy=multi-user.target
UNIT
install -d -m 0750 -o kafka -g kafka /var/log/kafka-rest
systemctl daemon-reload
systemctl enable --now kafka-rest.service
`;
}

function fetching({ key, sha256 }: InstalledFile, file: string): string {
  return `fetch '${key}' ${file} '${sha256 ?? ''}'`;
}

/** Properties with which a Kafka client signs in by IAM, https://github.com/aws/aws-msk-iam-auth; the REST proxy wants a prefix. */
function iamSignIn(prefix: string): Record<string, string> {
  return {
    [`${prefix}security.protocol`]: 'SASL_SSL',
    [`${prefix}sasl.mechanism`]: 'AWS_MSK_IAM',
    [`${prefix}sasl.jaas.config`]: 'software.amazon.msk.auth.iam.IAMLoginModule required;',
    [`${prefix}sasl.client.callback.handler.class`]: 'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
  };
}

function properties(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
