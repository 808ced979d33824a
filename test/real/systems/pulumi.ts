/** The Pulumi engine without account or network: state in a folder, no plugin downloads. */

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  commandPath,
  installedPath,
  isExecutable,
  notSetUp,
  stampOf,
} from '../../../pipeline/engines/spark/local/installations.ts';
import type { RealSystem } from './real_system.ts';

/** The exit status and output of a command. */
export interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** The context of a command. */
export interface PulumiCommand {
  /** The folder of the program, with Pulumi.yaml. */
  program: string;
  /** A folder for the engine's home and state, for example of `newFolder`; runs that share it share stacks. */
  home: string;
  /** Environment variables to add, for example PULUMI_DEBUG_PROVIDERS. */
  variables?: Readonly<Record<string, string>>;
}

export const pulumi = {
  name: 'pulumi',
  version: () => stampOf('pulumi') ?? `Pulumi at ${engine()}`,
  missing: () => (engine() ? undefined : notSetUp('pulumi')),
  /** The environment in which a program may be run, here or by the automation API. */
  environment,
  /** Runs one command of the CLI non-interactively. An exit status other than 0 is a result, not an error. */
  run: runPulumi,
} satisfies RealSystem & Record<string, unknown>;

function engine(): string | undefined {
  const own = installedPath('pulumi', 'pulumi');
  return stampOf('pulumi') !== undefined && isExecutable(own) ? own : commandPath('pulumi');
}

function environment(home: string): Record<string, string> {
  const state = join(home, 'state');
  mkdirSync(state, { recursive: true });
  return {
    PATH: [installedPath('pulumi'), process.env.PATH ?? ''].join(delimiter),
    PULUMI_HOME: join(home, 'home'),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  };
}

function runPulumi(parameters: readonly string[], command: PulumiCommand): Promise<CommandResult> {
  const options = {
    cwd: command.program,
    env: { ...process.env, ...environment(command.home), ...command.variables },
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((resolve, reject) => {
    execFile(engine() ?? 'pulumi', [...parameters, '--non-interactive'], options, (error, stdout, stderr) => {
      if (!error) {
        resolve({ status: 0, stdout, stderr });
      } else if (typeof error.code === 'number') {
        resolve({ status: error.code, stdout, stderr });
      } else {
        reject(error);
      }
    });
  });
}
