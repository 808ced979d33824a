/** Tells whether landing files belong to a topic as it is now, or to one of the same name that was deleted. */
import { type EventLog, LogError } from '../log/log.ts';
import { asOneLine, type LandedEnd } from './partition.ts';
import { LandingError } from './reader.ts';

/** For the last landed record, which exists unless compaction has removed it. */
const waitMilliseconds = 5000;

/**
 * Looks at the last landed record again: another one there means that the topic was deleted and made again, and may be
 * longer by now than what has landed.
 * @throws LandingError saying how to go on
 */
export async function checkLanded(
  log: Pick<EventLog, 'read'>,
  topic: string,
  shard: string,
  { next, path, lastLine }: LandedEnd,
): Promise<void> {
  if (lastLine === undefined) {
    return;
  }
  const offset = String(next - 1n);
  const [record] = await log.read(topic, shard, offset, { maximumBytes: 1, waitMilliseconds }).then(
    ({ records }) => records,
    (error: unknown) => {
      // Retention has removed it, or the log is shorter, which reading what comes next will say.
      if (error instanceof LogError && error.code === 'expired') {
        return [];
      }
      throw error;
    },
  );
  if (record?.position === offset && Buffer.compare(asOneLine(record.value), lastLine) !== 0) {
    throw new LandingError(
      `Offset ${offset} of ${topic}/${shard} is another record in the log than in ${path}: the topic was deleted and made ` +
        'again. Name another landing folder for it, or move the files of this topic away, and start again.',
    );
  }
}
