/** A port of this machine that leads to a private database: Session Manager forwards it through a machine beside it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as timeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Backoff } from '../../pipeline/retry.ts';
import { reasonOf, StackError } from './outputs.ts';

const run = promisify(execFile);

export interface TunnelOptions {
  readonly region: string;
  /** The `Name` tag of the machine that the session goes through. */
  readonly machine: string;
  /** The host that the machine connects to. */
  readonly host: string;
  readonly port: number;
  /** Called when the tunnel has closed by itself and is opened again. */
  readonly onClosed?: (reason: string) => void;
}

/** Pauses that do not keep a process alive that has nothing else to do. */
const retryPolicy = {
  firstPauseMilliseconds: 500,
  longestPauseMilliseconds: 30_000,
  pause: (milliseconds: number) => timeout(milliseconds, undefined, { ref: false }),
};

/** Stays open until it is closed: a session that ends is started again, on the same port. */
export class Tunnel {
  private session: ChildProcess | undefined;
  private isClosed = false;

  private constructor(
    private readonly options: TunnelOptions,
    /** Its port at 127.0.0.1. */
    readonly localPort: number,
    session: ChildProcess,
  ) {
    this.watch(session);
  }

  /**
   * Opens a tunnel with the AWS CLI and its Session Manager plugin, both on PATH.
   * @throws StackError when there is no such machine, or the session does not come about
   */
  static async open(options: TunnelOptions): Promise<Tunnel> {
    const { session, localPort } = await startSession(options);
    return new Tunnel(options, localPort, session);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.session !== undefined) {
      await end(this.session);
    }
  }

  private watch(session: ChildProcess): void {
    this.session = session;
    // Its group is not ours, so a process that ends at once has to take it along.
    const takeAlong = () => interrupt(session);
    process.once('exit', takeAlong);
    session.once('close', (status) => {
      process.off('exit', takeAlong);
      if (this.isClosed) {
        return;
      }
      this.options.onClosed?.(`the session has ended (${status ?? 'by a signal'})`);
      void this.openAgain();
    });
  }

  /** For as long as it takes: whoever waits for the database waits too, and can be ended. */
  private async openAgain(): Promise<void> {
    for (const backoff = new Backoff(retryPolicy); !this.isClosed; ) {
      try {
        const { session } = await startSession(this.options, this.localPort);
        if (this.isClosed) {
          await end(session);
        } else {
          this.watch(session);
        }
        return;
      } catch (error) {
        this.options.onClosed?.(error instanceof Error ? error.message : String(error));
        await backoff.pause();
      }
    }
  }
}

async function startSession(
  options: TunnelOptions,
  wantedPort?: number,
): Promise<{ session: ChildProcess; localPort: number }> {
  const { region, host, port } = options;
  const target = await machineNamed(options);
  const parameters = {
    host: [host],
    portNumber: [String(port)],
    ...(wantedPort === undefined ? {} : { localPortNumber: [String(wantedPort)] }),
  };
  const session = spawn(
    'aws',
    [
      ...['ssm', 'start-session', '--region', region, '--target', target],
      ...['--document-name', 'AWS-StartPortForwardingSessionToRemoteHost'],
      ...['--parameters', JSON.stringify(parameters)],
    ],
    // A group of its own: Ctrl-C is for the emulator, which still needs the tunnel for what is under way.
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return { session, localPort: await openedPort(session) };
}

/** The plugin says on which port it listens; the session is of no use when it ends before. */
function openedPort(session: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    const refuse = (reason: string) =>
      reject(new StackError(`Session Manager opens no way to the database: ${reason}`));
    session.once('error', (error) => refuse(reasonOf(error)));
    session.once('close', () => refuse(said.trim() || 'it says nothing.'));
    const read = (part: Buffer) => {
      said = `${said}${part.toString()}`.slice(-4000);
      const port = /Port (\d+) opened for sessionId/.exec(said)?.[1];
      if (port !== undefined) {
        resolve(Number(port));
      }
    };
    session.stdout?.on('data', read);
    session.stderr?.on('data', read);
  });
}

async function machineNamed({ region, machine }: TunnelOptions): Promise<string> {
  const { stdout } = await run('aws', [
    ...['ec2', 'describe-instances', '--region', region, '--output', 'text'],
    ...['--filters', `Name=tag:Name,Values=${machine}`, 'Name=instance-state-name,Values=running'],
    // While one machine takes another's place there are two: the newest stays.
    ...['--query', 'sort_by(Reservations[].Instances[], &LaunchTime)[-1].InstanceId'],
  ]).catch((error: unknown) => {
    throw new StackError(`The machine ${machine} could not be looked for: ${reasonOf(error)}`);
  });
  const id = stdout.trim();
  if (!/^i-[0-9a-f]+$/.test(id)) {
    throw new StackError(
      `No machine ${machine} runs in ${region}: is the stack paused, or still being made?`,
    );
  }
  return id;
}

/** The plugin takes an interrupt as the wish to end the session; the CLI around it waits for that. */
async function end(session: ChildProcess): Promise<void> {
  if (hasEnded(session)) {
    return;
  }
  const closed = once(session, 'close');
  interrupt(session);
  const isClosed = await Promise.race([closed.then(() => true), timeout(5000, false, { ref: false })]);
  if (!isClosed) {
    interrupt(session, 'SIGKILL');
  }
  await closed;
}

function hasEnded(session: ChildProcess): boolean {
  return session.exitCode !== null || session.signalCode !== null || session.pid === undefined;
}

/** Signals the session's whole group: the CLI and its plugin. */
function interrupt(session: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): void {
  if (session.pid === undefined || hasEnded(session)) {
    return;
  }
  try {
    process.kill(-session.pid, signal);
  } catch (error) {
    // It has ended in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error;
    }
  }
}
