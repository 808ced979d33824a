/** Third-party software that is installed on AWS, each by version and digest, from its makers, under its own licence. */
import * as z from 'zod';
import pinned from './digests.json' with { type: 'json' };

export type ArtefactName = 'kafka' | 'kafka-rest' | 'msk-iam-auth' | 's3-sink';

export interface Artefact {
  readonly name: ArtefactName;
  readonly version: string;
  readonly licence: string;
  readonly url: string;
  /** Its file name, here and in the bucket of artefacts. */
  readonly file: string;
  /** SHA-256 of the file in hexadecimal; undefined while nobody has recorded one. */
  readonly sha256: string | undefined;
}

const digests = z
  .record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal'))
  .parse(pinned);

function artefact(args: Omit<Artefact, 'file' | 'sha256'>): Artefact {
  const file = args.url.slice(args.url.lastIndexOf('/') + 1);
  return { ...args, file, sha256: digests[file] };
}

/** Four things: Kafka's own tools, Confluent's REST proxy and S3 sink, and the library that signs in with IAM. */
export const artefacts: readonly Artefact[] = [
  artefact({
    name: 'kafka',
    version: '4.0.0',
    licence: 'Apache-2.0',
    url: 'https://archive.apache.org/dist/kafka/4.0.0/kafka_2.13-4.0.0.tgz',
  }),
  artefact({
    name: 'kafka-rest',
    version: '7.9.1',
    licence: 'Confluent Community License 1.0',
    url: 'https://packages.confluent.io/archive/7.9/confluent-community-7.9.1.tar.gz',
  }),
  artefact({
    name: 'msk-iam-auth',
    version: '2.3.8',
    licence: 'Apache-2.0',
    url: 'https://github.com/aws/aws-msk-iam-auth/releases/download/v2.3.8/aws-msk-iam-auth-2.3.8-all.jar',
  }),
  artefact({
    name: 's3-sink',
    version: '12.1.11',
    licence: 'Confluent Community License 1.0',
    url: 'https://hub-downloads.confluent.io/api/plugins/confluentinc/kafka-connect-s3/versions/12.1.11/confluentinc-kafka-connect-s3-12.1.11.zip',
  }),
];

/** The artefact of a name. */
export function artefactNamed(name: ArtefactName): Artefact {
  const found = artefacts.find((artefact) => artefact.name === name);
  if (found === undefined) {
    throw new RangeError(
      `There is no artefact "${name}"; there are ${artefacts.map(({ name }) => name).join(', ')}.`,
    );
  }
  return found;
}
