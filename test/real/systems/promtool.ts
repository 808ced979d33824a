/** promtool, Prometheus's tool that checks rules and metrics. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { installedPath, notSetUp, stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import type { RealSystem } from './real_system.ts';

export const promtool = {
  name: 'promtool',
  version: () => stampOf('promtool') ?? 'unknown',
  missing: () => (stampOf('promtool') === undefined ? notSetUp('promtool') : undefined),
  /** Runs it; gives its status and all that it writes. */
  run: async (args: readonly string[], input = ''): Promise<{ status: number | null; output: string }> => {
    const child = spawn(installedPath('promtool', 'promtool'), args);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('close', resolve).once('error', reject);
    });
    child.stdin.end(input);
    const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { status, output: output + errors };
  },
} satisfies RealSystem & Record<string, unknown>;
