/** Programs as child processes that log to a file and are never orphaned. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { commandPath } from './installations.ts';

const stopPatienceMilliseconds = 20_000;
const logTailCharacters = 4000;

/** The additional environment and the working folder of a child. */
export interface ChildSurroundings {
  environment?: Readonly<Record<string, string>>;
  folder: string;
}

/**
 * Spawns a program that appends both outputs to a log file, and takes `extra` pipes: 'pipe' as standard input and as
 * descriptor 3. It leads a process group, so that its children end with it; on Linux it dies with this process
 * however that dies.
 */
export function spawnToLog(
  command: string,
  parameters: readonly string[],
  { environment, folder }: ChildSurroundings,
  log: string,
  pipes = false,
): ChildProcess {
  const setpriv = commandPath('setpriv');
  const [program, ...rest] = setpriv
    ? [setpriv, '--pdeathsig', 'KILL', command, ...parameters]
    : [command, ...parameters];
  const file = openSync(log, 'a');
  const stdio: StdioOptions = pipes ? ['pipe', file, file, 'pipe'] : ['ignore', file, file];
  try {
    return spawn(program ?? command, rest, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio,
      detached: true,
    });
  } finally {
    closeSync(file);
  }
}

/** Sends a signal to a child and all it started, and waits for its end; SIGKILL follows when SIGTERM is not enough. */
export async function endProcess(
  child: ChildProcess | undefined,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  if (!child || child.pid === undefined || hasEnded(child)) {
    return;
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signalGroup(child.pid, signal);
  const insist = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), stopPatienceMilliseconds);
  await ended;
  clearTimeout(insist);
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It has ended between the check and the signal, as intended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error;
    }
  }
}

/** True when a child has exited, by itself or by a signal. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The exit status or signal of a child, for an error. */
export function endingOf(child: ChildProcess): string {
  return child.signalCode ? `signal ${child.signalCode}` : `exit status ${child.exitCode}`;
}

/** The end of a log file; empty when there is none. */
export function tailOf(log: string): string {
  try {
    return readFileSync(log, 'utf8').slice(-logTailCharacters);
  } catch {
    return '';
  }
}
