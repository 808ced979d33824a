/**
 * Lock files: one process writes to a folder, and the file names it. A lock whose process is gone (killed, or the machine
 * was restarted) is taken over.
 */

import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { errorCode, LockedError } from './error.ts';

/** A folder to lock: its lock file, and how errors call it. */
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

/** @throws LockedError when another process, or another writer of this one, writes to the folder */
export function lockForWriting({ folder, fileName, what }: Lockable): WriterLock {
  const path = join(folder, fileName);
  const candidate = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  const holder: Holder = { host: hostname(), process: process.pid, started: startOf(process.pid) ?? '' };
  // The number tells two locks of one process apart.
  const content = `${JSON.stringify({ ...holder, lock: randomUUID() })}\n`;
  writeFileSync(candidate, content, { flag: 'wx' });
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (linked(candidate, path)) {
        return { release: () => release(path, content) };
      }
      removeIfStale(path, candidate, what);
    }
    throw new LockedError(`The ${what} ${folder} is being opened by several processes at once. Try again.`);
  } finally {
    rmSync(candidate, { force: true });
  }
}

/** Tells if a running process writes to the folder. */
export function hasWriter({ folder, fileName }: Omit<Lockable, 'what'>): boolean {
  const content = read(join(folder, fileName));
  return content !== null && !isStale(holderOf(content));
}

/** Removes a lock, unless it was removed by hand meanwhile and is another's now. */
function release(path: string, content: string): void {
  if (read(path) === content) {
    rmSync(path, { force: true });
  }
}

function removeIfStale(path: string, candidate: string, what: string): void {
  const content = read(path);
  if (content === null) {
    return;
  }
  const holder = holderOf(content);
  if (!isStale(holder)) {
    throw lockedBy(path, holder, what);
  }
  const aside = `${candidate}.stale`;
  if (!renamed(path, aside)) {
    return;
  }
  // Another process may have taken over between reading and moving: then its lock was moved, and is put back.
  if (read(aside) !== content && !linked(aside, path)) {
    throw new LockedError(`Two processes opened the ${what} of ${path} at the same moment. Try again.`);
  }
  rmSync(aside, { force: true });
}

function isStale(holder: Holder | null): boolean {
  // A power cut can leave the file empty. The processes of another machine cannot be seen.
  if (holder === null) {
    return true;
  }
  return holder.host === hostname() && startOf(holder.process) !== holder.started;
}

function lockedBy(path: string, holder: Holder | null, what: string): LockedError {
  const who = holder ? `process ${holder.process} on ${holder.host}` : 'another process';
  const hint =
    holder?.host === hostname() ? 'End it first.' : `If that machine no longer runs it, remove ${path}.`;
  return new LockedError(`The ${what} ${dirname(path)} is already written by ${who}. ${hint}`);
}

/** The start time of a process, in the system's own terms; null when there is no such process. */
function startOf(id: number): string | null {
  const stat = read(`/proc/${id}/stat`);
  if (stat !== null) {
    // Fields follow the name in brackets, which may hold anything; the start time is the 22nd field (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '');
  }
  if (process.platform === 'linux') {
    return null;
  }
  try {
    process.kill(id, 0);
    return 'alive';
  } catch (error) {
    return errorCode(error) === 'EPERM' ? 'alive' : null;
  }
}

function holderOf(content: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(content));
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(error) ?? '')) {
      return null;
    }
    throw error;
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}
