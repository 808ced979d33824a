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
const sampleMilliseconds = 25;

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
    const ticks = processes.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0);
    this.cpuSeconds = Math.max(this.cpuSeconds, ticks / ticksPerSecond);
    const bytes = processes.reduce((sum, { pid }) => sum + peakBytesOf(pid), 0);
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

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly cpuTicks: number;
}

/** The process and its descendants that run now. */
function descendantsOf(root: number): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  let found: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const entry = /^[0-9]+$/.test(name) ? processEntry(Number(name)) : undefined;
    if (entry?.pid === root) {
      found = [entry];
    } else if (entry !== undefined) {
      const siblings = children.get(entry.parent);
      if (siblings) siblings.push(entry);
      else children.set(entry.parent, [entry]);
    }
  }
  for (let at = 0; at < found.length; at += 1) {
    found.push(...(children.get(found[at]?.pid ?? 0) ?? []));
  }
  return found;
}

/** A line of /proc/PID/stat (proc(5)); nothing when the process has ended meanwhile. */
function processEntry(pid: number): ProcessEntry | undefined {
  const stat = readOfProcess(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold anything. Behind it: state, parent, … utime, stime, cutime, cstime at 11 to 14.
  const fields = stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (fields === undefined) {
    return undefined;
  }
  const cpuTicks = fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0);
  return { pid, parent: fields[1] ?? 0, cpuTicks };
}

/** The most that a process had resident so far. */
function peakBytesOf(pid: number): number {
  const kilobytes = /^VmHWM:\s+([0-9]+) kB$/m.exec(readOfProcess(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function readOfProcess(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) {
      return undefined;
    }
    throw error;
  }
}

function ticksOfEndedChildren(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return (fields[13] ?? 0) + (fields[14] ?? 0);
}
