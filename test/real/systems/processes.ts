/** Servers as child processes: started until ready, killed, restarted on the same data, and never orphaned. */

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { commandPath } from './installations.ts';

const pollMilliseconds = 50;
const stopPatienceMilliseconds = 20_000;
const logTailCharacters = 4000;

/** The command of a server, and its readiness check. */
export interface ServerRecipe {
  /** Its name in errors. */
  name: string;
  command: string;
  arguments: readonly string[];
  /** Added to this process's environment. */
  environment?: Readonly<Record<string, string>>;
  /** The working folder, which also holds the log. */
  folder: string;
  /** Polled until it is true; an error counts as "not yet". */
  ready: () => Promise<boolean>;
  /** The timeout of a start. Default: 60 s. */
  patienceMilliseconds?: number;
}

/** A running server in a folder of its own. */
export interface Server {
  readonly folder: string;
  /** Ends it with SIGTERM, as its operator would, and keeps its folder. */
  halt(): Promise<void>;
  /** Ends it with SIGKILL, as a power cut would, and keeps its folder. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and ports, and waits until it is ready. */
  startAgain(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** The end of what it wrote to its output. */
  output(): string;
}

/** Starts a server and waits until it is ready. @throws Error with the end of its output when it does not start */
export async function startServer(recipe: ServerRecipe): Promise<Server> {
  const log = join(recipe.folder, 'output.log');
  const output = () => tailOf(log);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawnToLog(recipe.command, recipe.arguments, recipe, log);
    await untilReady(child, recipe, output);
  }
  const halt = () => endProcess(child, 'SIGTERM');
  const kill = () => endProcess(child, 'SIGKILL');
  async function stop(): Promise<void> {
    await halt();
    rmSync(recipe.folder, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (error) {
    await kill();
    throw error;
  }
  return { folder: recipe.folder, halt, kill, startAgain: start, stop, output };
}

async function untilReady(child: ChildProcess, recipe: ServerRecipe, output: () => string): Promise<void> {
  const deadline = Date.now() + (recipe.patienceMilliseconds ?? 60_000);
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  let lastAnswer: unknown = 'not ready';
  while (Date.now() < deadline) {
    if (failure) {
      throw new Error(`${recipe.name}: ${recipe.command} could not be run: ${failure.message}`);
    }
    if (hasEnded(child)) {
      throw new Error(`${recipe.name} ended while starting (${endingOf(child)}). Its output:\n${output()}`);
    }
    try {
      if (await recipe.ready()) {
        return;
      }
    } catch (error) {
      lastAnswer = error;
    }
    await pause(pollMilliseconds);
  }
  throw new Error(`${recipe.name} was not ready in time: ${String(lastAnswer)}. Its output:\n${output()}`);
}

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

/** Ports of 127.0.0.1 that nothing listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') {
      throw new Error('a TCP server has no port');
    }
    ports.push(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** One port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) {
    throw new Error('the system gave no free port');
  }
  return port;
}
