import type { Dataset } from './plan/dataset.ts';

/** The names derived from a dataset. */
export interface DatasetNames {
  /** Kafka topic: `pin`, or `0a60b9a8a831.pin` with a user prefix. */
  readonly topic: string;
  /** Kinesis stream: `streaming-pin`, or `streaming-0a60b9a8a831-pin`. */
  readonly stream: string;
  /** MySQL table that the emulator reads. */
  readonly sourceTable: string;
}

/** The rule for user prefixes, for error messages. */
export const userPrefixForm =
  'must be letters, digits and hyphens, at most 63, and begin with a letter or digit';

/** True when Kafka, Kinesis and URLs all accept it in front of a dataset's name. */
export function isUserPrefix(prefix: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,62}$/i.test(prefix);
}

/**
 * The names of a dataset, for one user of shared infrastructure or, without a prefix, for all.
 * @throws RangeError when Kafka, Kinesis or URLs would refuse the prefix
 */
export function namesOf(dataset: Pick<Dataset, 'name' | 'sourceTable'>, userPrefix = ''): DatasetNames {
  if (userPrefix !== '' && !isUserPrefix(userPrefix)) {
    throw new RangeError(`The user prefix "${userPrefix}" ${userPrefixForm}.`);
  }
  const topic = userPrefix === '' ? dataset.name : `${userPrefix}.${dataset.name}`;
  const stream = userPrefix === '' ? `streaming-${dataset.name}` : `streaming-${userPrefix}-${dataset.name}`;
  return { topic, stream, sourceTable: dataset.sourceTable };
}

/** The dataset of a topic, with or without a user prefix; undefined for other topics. */
export function datasetOfTopic<D extends Pick<Dataset, 'name'>>(
  datasets: readonly D[],
  topic: string,
): D | undefined {
  const name = topic.slice(topic.lastIndexOf('.') + 1);
  return datasets.find((dataset) => dataset.name === name);
}

/** The dataset of a stream, with or without a user prefix; undefined for other streams. */
export function datasetOfStream<D extends Pick<Dataset, 'name'>>(
  datasets: readonly D[],
  stream: string,
): D | undefined {
  return datasets.find(
    ({ name }) =>
      stream === `streaming-${name}` || (stream.startsWith('streaming-') && stream.endsWith(`-${name}`)),
  );
}
