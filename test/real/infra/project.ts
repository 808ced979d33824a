/** A Pulumi project in a folder of its own that runs the repo's program: nothing in the repo is written to. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artefacts } from '../../../infra/artefacts/table.ts';
import { infraFolder, repositoryFolder } from '../../infra/stacks.ts';
import { newFolder } from '../../support/folder.ts';
import type { CommandResult } from '../systems/pulumi.ts';
import { pulumi } from '../systems.ts';

export interface Project {
  readonly folder: string;
  /**
   * Runs the engine on the program as one file, which Node loads in half the time.
   *
   * @param providers those attached instead of being started, such as `aws:50011`
   * @param change a change of test/real/infra/changed_program.ts
   */
  run(parameters: readonly string[], providers: string, change?: string): Promise<CommandResult>;
  /** Runs the engine on the program by the settings of the repo, which load it as it is written. */
  runAsDeployed(parameters: readonly string[], providers: string): Promise<CommandResult>;
  /** Sets values of the stack's configuration, for example `paused=true`. */
  configure(...settings: readonly string[]): Promise<void>;
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
  const settings = readFileSync(join(repositoryFolder, 'Pulumi.yaml'), 'utf8');
  const mainOf = (main: string) => settings.replace('main: infra/index.ts', `main: ${main}`);
  const deployed = mainOf(join(infraFolder, 'index.ts'));
  const bundle = fileURLToPath(new URL('./program.mjs', import.meta.url));
  const bundled = mainOf(bundle).replace(/^ *nodeargs: --import tsx\n/m, '');
  mkdirSync(join(program, 'infra'));
  copyFileSync(join(infraFolder, `Pulumi.${stack}.yaml`), join(program, 'infra', `Pulumi.${stack}.yaml`));
  // Stand-ins: the real ones are not fetched for a test.
  for (const { name, file } of artefacts) {
    writeFileSync(join(files, file), `stands for ${name}\n`);
  }

  const runIn =
    (file: string): Project['run'] =>
    (parameters, providers, change = '') => {
      writeFileSync(join(program, 'Pulumi.yaml'), file);
      return pulumi.run(parameters, {
        program,
        home: folder,
        variables: {
          PINTEREST_ARTEFACTS: files,
          PULUMI_DEBUG_PROVIDERS: providers,
          CHANGE: change,
          // The state's file is written once, at the end: the folder is gone after the test anyway.
          PULUMI_EXPERIMENTAL: 'true',
          PULUMI_SKIP_CHECKPOINTS: 'true',
        },
      });
    };
  const run = runIn(bundled);
  const configure: Project['configure'] = async (...values) => {
    const each = values.flatMap((value) => ['--plaintext', value]);
    mustSucceed(await run(['config', 'set-all', '--path', ...each], ''));
  };
  const project = {
    folder: program,
    run,
    runAsDeployed: runIn(deployed),
    configure,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  for (const parameters of [
    ['stack', 'init', stack],
    ['config', 'set', '--secret', 'databricksClientSecret', clientSecret],
  ]) {
    mustSucceed(await run(parameters, ''));
  }
  await configure('roleSettlingSeconds=0');
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
