/** A command that is started again whenever it has ended, as a service manager does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type NodeProcess, startCommand } from '../support/process.ts';
import { parsePrometheus, type Sample } from '../support/prometheus.ts';

const restartMilliseconds = 300;

export class Service {
  /** Ends of its processes that no signal and no full disk explains, with what they wrote. */
  readonly unexplained: string[] = [];
  private readonly supervised: Promise<void>;
  private process: NodeProcess;
  private sent: NodeJS.Signals | undefined;
  private isStopping = false;

  constructor(
    readonly name: string,
    private readonly port: number,
    private readonly options: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.process = this.start();
    this.supervised = this.supervise();
  }

  /** Sends the process a signal; one that ends it is the reason of its end. */
  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') {
      this.sent = signal;
    }
    this.process.kill(signal);
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.signal('SIGTERM');
    await this.supervised;
  }

  /** Resolves when it can serve. */
  async ready(): Promise<void> {
    while (!(await this.answers())) {
      await sleep(50);
    }
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/health/ready`)).ok;
    } catch {
      return false;
    }
  }

  /** Its metrics; none while it does not answer. */
  async metrics(): Promise<readonly Sample[]> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/metrics`, {
        signal: AbortSignal.timeout(1000),
      });
      return parsePrometheus(await answer.text());
    } catch {
      return [];
    }
  }

  private start(): NodeProcess {
    this.sent = undefined;
    return startCommand([this.name, ...this.options], { env: this.env });
  }

  private async supervise(): Promise<void> {
    for (;;) {
      const { status, signal, errors } = await this.process.ended;
      const isExpected =
        this.sent !== undefined && (signal === this.sent || (this.sent === 'SIGTERM' && status === 0));
      if (!isExpected && !/the disk is full|ENOSPC/.test(errors)) {
        this.unexplained.push(`${this.name} ended with ${signal ?? status}: ${errors.slice(-2000)}`);
      }
      if (this.isStopping) {
        return;
      }
      await sleep(restartMilliseconds);
      this.process = this.start();
    }
  }
}
