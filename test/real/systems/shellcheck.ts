/** ShellCheck, the linter of shell scripts. */

import { execFile, execFileSync } from 'node:child_process';
import { commandPath, notSetUp, type RealSystem } from './places.ts';

export const shellcheck = {
  name: 'shellcheck',
  version: () => {
    const said = execFileSync('shellcheck', ['--version'], { encoding: 'utf8' });
    return `ShellCheck ${/version: (\S+)/.exec(said)?.[1] ?? said.trim()}`;
  },
  missing: () => (commandPath('shellcheck') ? undefined : notSetUp('shellcheck')),
  /** What it says about a script, or nothing. */
  check: (file: string): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile('shellcheck', [file], (error, stdout) => {
        if (error && error.code !== 1) reject(error);
        else resolve(stdout);
      });
    }),
} satisfies RealSystem & Record<string, unknown>;
