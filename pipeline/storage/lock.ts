/**
 * One process writes to a folder: a lock file names it. A lock whose process is gone (killed, or the machine was
 * started again) is taken over.
 */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { LogError } from '../log/log.ts';

/** What is locked: the file that says so, and how errors call it. */
export interface Lockable {
  readonly folder: string;
  readonly fileName: string;
  /** For example `log` or `landing folder`. */
  readonly what: string;
}

const attempts = 5;

const holderSchema = z.object({ host: z.string(), process: z.number(), started: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** A lock that is held until it is released. */
export interface WriterLock {
  release(): void;
}

/** @throws LogError `refused` when another process, or another writer of this one, writes to the folder */
export function lockForWriting({ folder, fileName, what }: Lockable): WriterLock {
  const path = join(folder, fileName);
  const mine = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  const me: Holder = { host: hostname(), process: process.pid, started: startOf(process.pid) ?? '' };
  writeFileSync(mine, `${JSON.stringify(me)}\n`, { flag: 'wx' });
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (linked(mine, path)) return { release: () => rmSync(path, { force: true }) };
      takeAwayIfStale(path, mine, what);
    }
    throw new LogError(
      'refused',
      `The ${what} ${folder} is being opened by several processes at once. Try again.`,
    );
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Whether a process that lives writes to the folder. */
export function hasWriter({ folder, fileName }: Omit<Lockable, 'what'>): boolean {
  const text = read(join(folder, fileName));
  return text !== null && !isStale(holderOf(text));
}

function takeAwayIfStale(path: string, mine: string, what: string): void {
  const judged = read(path);
  if (judged === null) return;
  const holder = holderOf(judged);
  if (!isStale(holder)) throw held(path, holder, what);
  const aside = `${mine}.stale`;
  if (!renamed(path, aside)) return;
  // Another process may have taken over between the look and the move: then what was moved is its lock. Put it back.
  if (read(aside) !== judged && !linked(aside, path)) {
    throw new LogError(
      'refused',
      `Two processes opened the ${what} behind ${path} at the same moment. Try again.`,
    );
  }
  rmSync(aside, { force: true });
}

function isStale(holder: Holder | null): boolean {
  // A file that a power cut left empty names nobody; this machine cannot see into another.
  if (holder === null) return true;
  return holder.host === hostname() && startOf(holder.process) !== holder.started;
}

function held(path: string, holder: Holder | null, what: string): LogError {
  const who = holder ? `process ${holder.process} on ${holder.host}` : 'another process';
  const hint =
    holder?.host === hostname() ? 'End it first.' : `If that machine no longer runs it, remove ${path}.`;
  return new LogError('refused', `The ${what} ${dirname(path)} is already written by ${who}. ${hint}`);
}

/** When a process was started, in the system's own terms; null when there is no such process. */
function startOf(id: number): string | null {
  const stat = read(`/proc/${id}/stat`);
  if (stat !== null) {
    // Fields behind the name in brackets, which may hold anything; the start is the 22nd field (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '');
  }
  if (process.platform === 'linux') return null;
  try {
    process.kill(id, 0);
    return 'alive';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 'alive' : null;
  }
}

function holderOf(text: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return null;
    throw error;
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
