/** The real command that streams, in a process of its own which may be killed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const run = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url));

export interface Ended {
  readonly signal: string | null;
  readonly status: number | null;
  /** What it wrote to stderr. */
  readonly errors: string;
}

export interface StreamCommand {
  readonly kill: () => void;
  readonly ended: Promise<Ended>;
}

export function runStreamCommand(
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): StreamCommand {
  const child = spawn(process.execPath, [run, 'stream', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject).once('close', (status, signal) => resolve({ signal, status, errors }));
  });
  return { kill: () => child.kill('SIGKILL'), ended };
}
