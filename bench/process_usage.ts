/** What a process and all that it starts take: time, processor time, memory. Read from Linux's /proc. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

export interface Usage {
  /** From its start to its end. */
  readonly seconds: number;
  /** In user and system mode, on all cores together. */
  readonly cpuSeconds: number;
  /** The largest sum of what its processes had resident. */
  readonly peakBytes: number;
}

/** Ticks of /proc's processor times in a second: USER_HZ, which Linux gives programs as 100 everywhere. */
const ticksPerSecond = 100;
const sampleMilliseconds = 50;

/** Watches a process and its descendants. */
export class UsageWatch {
  /** Processor time of the processes by now, ended ones too as far as they were seen or waited for. */
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
 * Runs a program to its end, with what it writes to its standard error kept for the error.
 * @throws Error when it ends with a status other than 0
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
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  try {
    const end = await new Promise<{ status: number | string | null; seconds: number }>((resolve, reject) => {
      child.once('error', reject);
      // The time of the exit, not of the last byte on a pipe that a left-behind process may hold.
      let seconds = 0;
      child.once('exit', () => {
        seconds = (performance.now() - start) / 1000;
      });
      child.once('close', (status, signal) => resolve({ status: status ?? signal, seconds }));
    });
    if (end.status !== 0) {
      throw new Error(`${[command, ...args].join(' ')} ended with ${end.status}. It said:\n${complaints}`);
    }
    return {
      seconds: end.seconds,
      // What was waited for is exact; a process that nobody waits for, as Spark's JVM, is in the samples alone.
      cpuSeconds: Math.max((ticksOfEndedChildren() - ticksBefore) / ticksPerSecond, watch?.cpuSeconds ?? 0),
      peakBytes: watch?.peakBytes ?? 0,
    };
  } finally {
    watch?.stop();
  }
}

/** The process and its descendants that run now. */
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

/** Processor time of a process and of those that it waited for; 0 when it has ended meanwhile. */
function ticksOf(pid: number): number {
  return ticksIn(readOfProcess(`/proc/${pid}/stat`) ?? '', 11, 15);
}

/** Processor time of the processes that this one has waited for. */
function ticksOfEndedChildren(): number {
  return ticksIn(readFileSync('/proc/self/stat', 'utf8'), 13, 15);
}

/** Adds up fields of /proc/PID/stat (proc(5)): utime, stime, cutime, cstime are 11 to 14 behind the name. */
function ticksIn(stat: string, from: number, to: number): number {
  // The name, in parentheses, may hold anything.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(from, to)
    .map(Number);
  return fields.reduce((sum, ticks) => sum + ticks, 0);
}

/** The most that a process had resident so far. */
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

/** What is read of a process that may end meanwhile; nothing when it has. */
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
