/** A Pulumi project in a folder of its own that runs the repo's program: nothing in the repo is written to. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artefacts } from '../../../infra/artefacts/table.ts';
import { infraFolder, repositoryFolder } from '../../infra/stacks.ts';
import { newFolder } from '../../support/folder.ts';
import type { CommandResult } from '../systems/pulumi.ts';
import { pulumi } from '../systems.ts';

export interface Project {
  readonly folder: string;
  /** Runs the engine; `providers` are those attached instead of being started, such as `aws:50011`. */
  run(parameters: readonly string[], providers: string): Promise<CommandResult>;
  remove(): void;
}

/** The secret in the stack's configuration, which state and output are searched for. */
export const clientSecret = 'a-client-secret-that-must-not-be-seen';

/** Makes a stack with the settings of the repo's file, changed as told; no role is waited for. */
export async function makeProject(stack: string): Promise<Project> {
  const folder = newFolder('infra');
  const program = join(folder, 'program');
  const files = join(folder, 'artefacts');
  mkdirSync(program);
  mkdirSync(files);
  const main = readFileSync(join(repositoryFolder, 'Pulumi.yaml'), 'utf8').replace(
    'main: infra/index.ts',
    `main: ${join(infraFolder, 'index.ts')}`,
  );
  writeFileSync(join(program, 'Pulumi.yaml'), main);
  mkdirSync(join(program, 'infra'));
  copyFileSync(join(infraFolder, `Pulumi.${stack}.yaml`), join(program, 'infra', `Pulumi.${stack}.yaml`));
  // Stand-ins: the real ones are not fetched for a test.
  for (const { name, file } of artefacts) {
    writeFileSync(join(files, file), `stands for ${name}\n`);
  }

  const run = (parameters: readonly string[], providers: string) =>
    pulumi.run(parameters, {
      program,
      home: folder,
      variables: {
        PINTEREST_ARTEFACTS: files,
        PULUMI_DEBUG_PROVIDERS: providers,
        // The state's file is written once, at the end: the folder is gone after the test anyway.
        PULUMI_EXPERIMENTAL: 'true',
        PULUMI_SKIP_CHECKPOINTS: 'true',
      },
    });
  const project = { folder: program, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
  for (const parameters of [
    ['stack', 'init', stack],
    ['config', 'set', '--secret', 'databricksClientSecret', clientSecret],
    ['config', 'set', 'roleSettlingSeconds', '0'],
  ]) {
    mustSucceed(await run(parameters, ''));
  }
  return project;
}

/** @throws with what the engine wrote, when it failed */
export function mustSucceed(result: CommandResult): CommandResult {
  if (result.status !== 0) {
    throw new Error(
      `pulumi ended with ${result.status}:\n${result.stdout.slice(-6000)}\n${result.stderr.slice(-2000)}`,
    );
  }
  return result;
}
