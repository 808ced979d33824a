/** Time, processor time and memory of a process and its descendants, read from Linux's /proc. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

export interface Usage {
  /** Wall-clock time from start to exit. */
  readonly seconds: number;
  /** Processor time in user and system mode, over all cores. */
  readonly cpuSeconds: number;
  /** The largest sum of the processes' resident memory. */
  readonly peakBytes: number;
}

/** Ticks a second of processor times in /proc: USER_HZ, which is 100 everywhere on Linux. */
const ticksPerSecond = 100;
const sampleMilliseconds = 50;

/** Watches a process and its descendants. */
export class UsageWatch {
  /** Processor time so far, including ended processes that were sampled or waited for. */
  cpuSeconds = 0;
  peakBytes = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly root: number) {
    this.sample();
    this.timer = setInterval(() => this.sample(), sampleMilliseconds);
  }

  sample(): void {
    const processes = descendantsOf(this.root);
    const ticks = processes.reduce((sum, pid) => sum + ticksOf(pid), 0);
    this.cpuSeconds = Math.max(this.cpuSeconds, ticks / ticksPerSecond);
    const bytes = processes.reduce((sum, pid) => sum + peakBytesOf(pid), 0);
    this.peakBytes = Math.max(this.peakBytes, bytes);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/**
 * Runs a program to its end.
 * @throws Error with the end of its standard error when its status is not 0
 */
export async function measureProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Usage> {
  const ticksBefore = ticksOfEndedChildren();
  const start = performance.now();
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const watch = child.pid === undefined ? undefined : new UsageWatch(child.pid);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-4000);
  });
  try {
    const end = await new Promise<{ status: number | string | null; seconds: number }>((resolve, reject) => {
      child.once('error', reject);
      // Taken at the exit, not at the last byte of a pipe that an orphaned process may hold open.
      let seconds = 0;
      child.once('exit', () => {
        seconds = (performance.now() - start) / 1000;
      });
      child.once('close', (status, signal) => resolve({ status: status ?? signal, seconds }));
    });
    if (end.status !== 0) {
      throw new Error(`${[command, ...args].join(' ')} ended with ${end.status}. It said:\n${errors}`);
    }
    return {
      seconds: end.seconds,
      // Exact for processes that were waited for; others, such as Spark's JVM, are only in the samples.
      cpuSeconds: Math.max((ticksOfEndedChildren() - ticksBefore) / ticksPerSecond, watch?.cpuSeconds ?? 0),
      peakBytes: watch?.peakBytes ?? 0,
    };
  } finally {
    watch?.stop();
  }
}

/** A process and its running descendants. */
function descendantsOf(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    for (const thread of namesIn(`/proc/${pid}/task`)) {
      const children = readOfProcess(`/proc/${pid}/task/${thread}/children`) ?? '';
      found.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return found;
}

/** Processor time of a process and of those that it waited for; 0 when it has ended since. */
function ticksOf(pid: number): number {
  return ticksIn(readOfProcess(`/proc/${pid}/stat`) ?? '', 11, 15);
}

/** Processor time of the processes that this one has waited for. */
function ticksOfEndedChildren(): number {
  return ticksIn(readFileSync('/proc/self/stat', 'utf8'), 13, 15);
}

/** Adds up fields of /proc/PID/stat (proc(5)): utime, stime, cutime, cstime are 11 to 14 after the name. */
function ticksIn(stat: string, from: number, to: number): number {
  // The name, in parentheses, may contain any character.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(from, to)
    .map(Number);
  return fields.reduce((sum, ticks) => sum + ticks, 0);
}

/** The largest resident memory of a process so far. */
function peakBytesOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+([0-9]+) kB$/m.exec(readOfProcess(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function namesIn(folder: string): string[] {
  return unlessGone(() => readdirSync(folder)) ?? [];
}

function readOfProcess(path: string): string | undefined {
  return unlessGone(() => readFileSync(path, 'utf8'));
}

/** Reads about a process that may end at any time; undefined when it has. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) {
      return undefined;
    }
    throw error;
  }
}
