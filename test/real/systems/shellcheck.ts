/** ShellCheck, the linter of shell scripts. */

import { execFile, execFileSync } from 'node:child_process';
import { commandPath, notSetUp } from '../../../pipeline/engines/spark/local/installations.ts';
import type { RealSystem } from './real_system.ts';

export const shellcheck = {
  name: 'shellcheck',
  version: () => {
    const output = execFileSync('shellcheck', ['--version'], { encoding: 'utf8' });
    return `ShellCheck ${/version: (\S+)/.exec(output)?.[1] ?? output.trim()}`;
  },
  missing: () => (commandPath('shellcheck') ? undefined : notSetUp('shellcheck')),
  /** Its findings about a script; empty for none. */
  check: (file: string): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile('shellcheck', [file], (error, stdout) => {
        if (error && error.code !== 1) {
          reject(error);
        } else {
          resolve(stdout);
        }
      });
    }),
} satisfies RealSystem & Record<string, unknown>;
