/** Apache Spark with Delta, offline: the session that cases run in, too. */
import { inject } from 'vitest';
import { stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import {
  attachToSpark,
  connectToSpark,
  missingSpark,
  sparkGateway,
  startSpark,
} from '../../../pipeline/engines/spark/local/session.ts';
import { type SparkSession, withTables } from '../../../pipeline/engines/spark/local/tables.ts';
import type { RealSystem } from './real_system.ts';

export type { SparkWorker } from '../../../pipeline/engines/spark/local/session.ts';
export { smallTables } from '../../../pipeline/engines/spark/local/session.ts';
export type { SparkSession } from '../../../pipeline/engines/spark/local/tables.ts';

export const spark = {
  name: 'spark',
  version: () => stampOf('spark') ?? 'Spark',
  missing: missingSpark,
  /** A JVM of its own, for a test that kills it or changes what a JVM is started with. */
  start: startSpark,
  /**
   * A session in the JVM that all files share, with a folder, temporary views and settings of its own. Paths of tables must be in
   * that folder, or in another that no other file uses, and schemas need names that no other file gives.
   */
  share: (settings: Settings = {}) => shareSession(attachToSpark, settings),
  /** As `share`, with a client of Spark Connect. */
  shareConnect: (settings: Settings = {}) => shareSession(connectToSpark, settings),
} satisfies RealSystem & Record<string, unknown>;

type Settings = Readonly<Record<string, string>>;

async function shareSession(attach: typeof attachToSpark, settings: Settings): Promise<SparkSession> {
  const response = await fetch(inject('sparkHost'));
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`Spark's shared JVM could not be started: ${text}`);
  }
  return withTables(await attach(sparkGateway.parse(JSON.parse(text)), settings));
}
