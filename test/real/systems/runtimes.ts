/** Versions of Node that are supported beside the one that runs the tests. */

import { installedPath, notSetUp, stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import type { RealSystem } from './real_system.ts';

/** The first number of each version, as scripts/setup-real-systems lists them. */
export const majorVersions = [20, 22, 24, 26] as const;

export const runtimes = {
  name: 'runtimes',
  version: () => stampOf('runtimes') ?? 'unknown',
  missing: () => (stampOf('runtimes') === undefined ? notSetUp('runtimes') : undefined),
  /** The program of a version. */
  node: (major: (typeof majorVersions)[number]) => installedPath('runtimes', String(major), 'bin', 'node'),
} satisfies RealSystem & Record<string, unknown>;
