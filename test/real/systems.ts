/**
 * The entry point for tests against real systems:
 *
 * ```ts
 * describeReal('the sink', [kafka], () => {
 *   it('writes …', async () => {
 *     const broker = await kafka.start();
 * ```
 *
 * Where a system is missing, the suite is skipped and the run's report gives the reason; with CI=true it fails.
 */

import { appendFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RealSystem } from './systems/real_system.ts';

export { airflow, airflow3 } from './systems/airflow.ts';
export { aws } from './systems/aws.ts';
export { chromium } from './systems/chromium.ts';
export { datacontract } from './systems/datacontract.ts';
export { deltalake } from './systems/deltalake.ts';
export { duckdb } from './systems/duckdb.ts';
export { kafka } from './systems/kafka.ts';
export { kinesis } from './systems/kinesis.ts';
export { mariadb } from './systems/mariadb.ts';
export { promtool } from './systems/promtool.ts';
export { pulumi } from './systems/pulumi.ts';
export type { RealSystem } from './systems/real_system.ts';
export { majorVersions, runtimes } from './systems/runtimes.ts';
export { shellcheck } from './systems/shellcheck.ts';
export { smallTables, spark } from './systems/spark.ts';

/** Declares a suite that needs real systems. Its tests are always listed, whether they run or not. */
export function describeReal(title: string, systems: readonly RealSystem[], body: () => void): void {
  const missing = systems.flatMap((system) => {
    const reason = system.missing();
    return reason === undefined ? [] : [{ name: system.name, reason }];
  });
  if (missing.length === 0) {
    describe(title, () => {
      beforeAll(() => {
        for (const system of systems) {
          record({ used: system.version() });
        }
      });
      body();
    });
    return;
  }
  for (const { name, reason } of missing) {
    record({ skipped: name, why: reason });
  }
  if (isContinuousIntegration()) {
    it(`${title}: needs ${missing.map(({ name }) => name).join(', ')}`, () => {
      expect.fail(missing.map(({ reason }) => reason).join('\n'));
    });
  }
  describe.skip(title, body);
}

function isContinuousIntegration(): boolean {
  const value = process.env.CI ?? '';
  return value !== '' && value !== 'false' && value !== '0';
}

/** Records a system for test/real/reporter.ts, which runs in another process and has set the file's name. */
function record(line: { used: string } | { skipped: string; why: string }): void {
  const file = process.env.REAL_SYSTEMS_RECORD;
  if (file) {
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }
}
