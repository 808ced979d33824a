/**
 * Ends a run's report with the real systems that it used, those that it skipped with the reasons, and the last line
 * `N passed, N failed, N skipped`.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SerializedError } from 'vitest';
import { DefaultReporter, type TestModule, type TestRunEndReason, type Vitest } from 'vitest/node';
import * as z from 'zod';

const recorded = z.union([
  z.object({ used: z.string() }),
  z.object({ skipped: z.string(), why: z.string() }),
]);

/** The numbers of tests by result. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** vitest's own report followed by ours. */
export default class RealSystemsReporter extends DefaultReporter {
  private folder: string | undefined;

  override onInit(vitest: Vitest): void {
    super.onInit(vitest);
    this.folder = mkdtempSync(join(tmpdir(), 'pinterest-run-'));
    // Workers inherit the environment; see `record` in systems.ts.
    process.env.REAL_SYSTEMS_RECORD = join(this.folder, 'systems.jsonl');
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    super.onTestRunEnd(modules, errors, reason);
    const systems = this.folder ? linesOf(join(this.folder, 'systems.jsonl')) : [];
    const { passed, failed, skipped } = countsOf(modules, errors);
    const report = [...describeSystems(systems), `${passed} passed, ${failed} failed, ${skipped} skipped`];
    process.stdout.write(`${report.join('\n')}\n`);
    if (this.folder && !this.ctx.config.watch) {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** Counts tests. Errors that kept tests from running (in loading a file, in a hook, uncaught) count as failed. */
export function countsOf(modules: readonly TestModule[], errors: readonly SerializedError[]): Counts {
  const counts: Counts = { passed: 0, failed: errors.length, skipped: 0 };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) {
      counts.failed += suite.errors().length;
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'skipped' : state] += 1;
    }
  }
  return counts;
}

/** The report on real systems. @param lines those that workers recorded */
export function describeSystems(lines: readonly string[]): string[] {
  const used = new Set<string>();
  const skipped = new Set<string>();
  for (const line of lines) {
    const entry = recorded.parse(JSON.parse(line));
    if ('used' in entry) {
      used.add(entry.used);
    } else {
      skipped.add(`${entry.skipped}: ${entry.why}`);
    }
  }
  return [...section('Real systems used:', used), ...section('Real systems skipped:', skipped), ''];
}

function section(title: string, entries: ReadonlySet<string>): string[] {
  if (entries.size === 0) {
    return [`${title} none`];
  }
  return [title, ...[...entries].sort().map((entry) => `  ${entry}`)];
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    // No worker recorded anything, so no suite of this run needs a real system.
    return [];
  }
}
