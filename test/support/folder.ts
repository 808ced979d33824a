/** Temporary folders that are removed by themselves: with the test, each test, or the suite they belong to. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, onTestFinished } from 'vitest';

/** Makes a folder in a running test or its `beforeEach`; removed when the test has finished. */
export function temporaryFolder(name = 'test'): string {
  const folder = newFolder(name);
  onTestFinished(() => remove(folder));
  return folder;
}

/** The path of a folder that is made empty before each test of the file or suite, and removed after it. */
export function testFolder(name: string): string {
  const folder = unusedPath(name);
  beforeEach(() => mkdirSync(folder));
  afterEach(() => remove(folder));
  return folder;
}

/** The path of a folder that is made before the first test of the file or suite, and removed after the last. */
export function suiteFolder(name: string): string {
  const folder = unusedPath(name);
  beforeAll(() => mkdirSync(folder));
  afterAll(() => remove(folder));
  return folder;
}

/** Makes a folder that its maker removes. */
export function newFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `pinterest-${name}-`));
}

/** A path is given before hooks run, so a suite that is skipped makes no folder. */
function unusedPath(name: string): string {
  return join(tmpdir(), `pinterest-${name}-${randomUUID()}`);
}

/** Tries again when a process that has just been killed still writes a file there. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
