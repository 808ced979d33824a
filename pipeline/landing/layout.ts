/** The paths of landing files, as Confluent's S3 sink connector lays them out (its default partitioner, JSON). */

/** The parts of a landing file's path. */
export interface LandingName {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the record in its first line. */
  readonly firstOffset: bigint;
}

const pattern =
  /^topics\/([A-Za-z0-9._-]{1,249})\/partition=([0-9]+)\/([A-Za-z0-9._-]{1,249})\+([0-9]+)\+([0-9]{10,19})\.json$/;

/** The folder of a partition's files, from the landing folder: `topics/pin/partition=0`. */
export function landingPartition(topic: string, partition: number): string {
  return `topics/${topic}/partition=${partition}`;
}

/** The path of a landing file, from the landing folder: `topics/pin/partition=0/pin+0+0000000042.json`. */
export function landingFile(topic: string, partition: number, firstOffset: bigint | number): string {
  const offset = String(firstOffset).padStart(10, '0');
  return `${landingPartition(topic, partition)}/${topic}+${partition}+${offset}.json`;
}

/** Parses a path from the landing folder; null when it is not a landing file's. */
export function parseLandingFile(path: string): LandingName | null {
  const [, topic, partition, topicAgain, partitionAgain, offset] = pattern.exec(path) ?? [];
  if (topic === undefined || topic !== topicAgain || partition !== partitionAgain) {
    return null;
  }
  return { topic, partition: Number(partition), firstOffset: BigInt(offset ?? 0) };
}
