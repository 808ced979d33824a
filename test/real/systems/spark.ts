/** Apache Spark with Delta, offline: the session that cases run in, too. */
import { stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import { missingSpark, startSpark } from '../../../pipeline/engines/spark/local/session.ts';
import type { RealSystem } from './real_system.ts';

export type { SparkWorker } from '../../../pipeline/engines/spark/local/session.ts';

export const spark = {
  name: 'spark',
  version: () => stampOf('spark') ?? 'Spark',
  missing: missingSpark,
  start: startSpark,
} satisfies RealSystem & Record<string, unknown>;

/**
 * Settings of tests that ask what notebooks commit, rather than what expressions mean: their tables have some hundred rows, and
 * most of the time would go into compiling plans and starting tasks. `connect.test.ts` runs the notebooks without them.
 */
export const smallTables = {
  'spark.sql.codegen.wholeStage': 'false',
  'spark.sql.codegen.factoryMode': 'NO_CODEGEN',
  'spark.sql.adaptive.enabled': 'false',
  'spark.sql.shuffle.partitions': '1',
  'spark.databricks.delta.snapshotPartitions': '1',
};
