/** Apache Spark with Delta, offline: the session that cases run in, too. */
import { stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import { missingSpark, startSpark } from '../../../pipeline/engines/spark/local/session.ts';
import type { RealSystem } from './real_system.ts';

export type { SparkWorker } from '../../../pipeline/engines/spark/local/session.ts';
export { smallTables } from '../../../pipeline/engines/spark/local/session.ts';

export const spark = {
  name: 'spark',
  version: () => stampOf('spark') ?? 'Spark',
  missing: missingSpark,
  start: startSpark,
} satisfies RealSystem & Record<string, unknown>;
