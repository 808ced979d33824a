/** Commands and programs of the project in processes of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Surroundings {
  /** The working folder. */
  readonly cwd?: string;
  /** The whole environment. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the process with SIGTERM after so many milliseconds. Default: never. */
  readonly timeout?: number;
  /** The program of Node. Default: this process's. */
  readonly node?: string;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All that it wrote to stdout and to stderr. */
  readonly output: string;
  readonly errors: string;
}

/** A process that runs, or has ended. */
export class NodeProcess {
  /** All that it has written so far. */
  readonly said = { output: '', errors: '' };
  readonly ended: Promise<Ended>;
  private readonly child;

  constructor(args: readonly string[], { cwd, env, timeout, node = process.execPath }: Surroundings) {
    this.child = spawn(node, args, { cwd, env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const [name, stream] of [
      ['output', this.child.stdout],
      ['errors', this.child.stderr],
    ] as const) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        this.said[name] += part;
      });
    }
    this.ended = once(this.child, 'close').then(([status, signal]) => ({ status, signal, ...this.said }));
  }

  /** The whole lines of stdout so far. */
  get lines(): string[] {
    return linesOf(this.said.output);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child.kill(signal);
  }

  /** Calls back with each whole line of stdout. */
  onLine(listener: (line: string) => void): void {
    let rest = '';
    this.child.stdout.on('data', (part: string) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        listener(line);
      }
    });
  }

  /** Waits until stdout contains a string. @throws Error with all that it wrote, when it ends before */
  says(what: string): Promise<void> {
    return this.until(() => this.said.output.includes(what));
  }

  /** Waits until it has said enough. @throws Error with all that it wrote, when it ends before */
  until(isEnough: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (isEnough()) {
          resolve();
        }
      };
      this.child.stdout.on('data', check);
      this.child.stderr.on('data', check);
      check();
      this.ended.then(({ output, errors }) => {
        check();
        reject(new Error(`The process ended too early. It wrote:\n${output}${errors}`));
      }, reject);
    });
  }
}

/** The whole lines of an output: a process that was killed may have cut the last. */
export function linesOf(output: string): string[] {
  return output.split('\n').slice(0, -1);
}

/** Starts a command as `npm run` does: its name and its options, which a string separates by spaces. */
export function startCommand(line: string | readonly string[], surroundings: Surroundings = {}): NodeProcess {
  const words = typeof line === 'string' ? line.split(' ') : line;
  return new NodeProcess([`${root}scripts/run.mjs`, ...words], surroundings);
}

/** Runs such a command until it ends. */
export function runCommand(line: string | readonly string[], surroundings?: Surroundings): Promise<Ended> {
  return startCommand(line, surroundings).ended;
}

/** Starts a TypeScript program by its path in the repository. */
export function startProgram(path: string, ...args: readonly string[]): NodeProcess {
  return new NodeProcess([`${root}test/support/run_program.mjs`, path, ...args], {});
}
