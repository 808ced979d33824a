/** Servers as child processes: started until ready, killed, restarted on the same data, and never orphaned. */

import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  endingOf,
  endProcess,
  hasEnded,
  spawnToLog,
  tailOf,
} from '../../../pipeline/engines/spark/local/child.ts';

const pollMilliseconds = 50;

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
