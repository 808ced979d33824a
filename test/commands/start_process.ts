/** `npm start` in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface StartProcess {
  readonly run: ChildProcess;
  /** What it has said so far. */
  readonly said: { output: string; errors: string };
  readonly ended: Promise<{ output: string; errors: string; status: unknown }>;
  /** Resolves when it has said this, or has ended. */
  says(what: string): Promise<void>;
}

/** Starts the command in a folder. */
export function startProcess(folder: string, ...options: readonly string[]): StartProcess {
  const program = fileURLToPath(new URL('../../pipeline/commands/start.ts', import.meta.url));
  const run = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, ...options], {
    cwd: folder,
  });
  const said = { output: '', errors: '' };
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.output += text;
  });
  run.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.errors += text;
  });
  const ended = once(run, 'close').then(([status]) => ({ ...said, status }));
  const says = async (what: string) => {
    while (!said.output.includes(what) && run.exitCode === null) {
      await Promise.race([once(run.stdout, 'data'), ended]);
    }
  };
  return { run, said, ended, says };
}
