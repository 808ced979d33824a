/**
 * The one place where a test asks for a real system:
 *
 * ```ts
 * describeReal('the sink', [kafka], () => {
 *   it('writes …', async () => {
 *     const broker = await kafka.start();
 * ```
 *
 * Where a system is missing, the suite is skipped, and the run's report says so and why; with CI=true it fails.
 */

import { appendFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RealSystem } from './systems/places.ts';

export { airflow, airflow3 } from './systems/airflow.ts';
export { aws } from './systems/aws.ts';
export { chromium } from './systems/chromium.ts';
export { deltalake } from './systems/deltalake.ts';
export { kafka } from './systems/kafka.ts';
export { kinesis } from './systems/kinesis.ts';
export { mariadb } from './systems/mariadb.ts';
export type { RealSystem } from './systems/places.ts';
export { pulumi } from './systems/pulumi.ts';
export { shellcheck } from './systems/shellcheck.ts';
export { spark } from './systems/spark.ts';

/** A suite that needs real systems. Its tests are always listed, whether they run or not. */
export function describeReal(title: string, systems: readonly RealSystem[], body: () => void): void {
  const missing = systems.flatMap((system) => {
    const why = system.missing();
    return why === undefined ? [] : [{ name: system.name, why }];
  });
  if (missing.length === 0) {
    describe(title, () => {
      beforeAll(() => {
        for (const system of systems) record({ used: system.version() });
      });
      body();
    });
    return;
  }
  for (const { name, why } of missing) record({ skipped: name, why });
  if (isContinuousIntegration()) {
    it(`${title}: needs ${missing.map(({ name }) => name).join(', ')}`, () => {
      expect.fail(missing.map(({ why }) => why).join('\n'));
    });
  }
  describe.skip(title, body);
}

function isContinuousIntegration(): boolean {
  const value = process.env.CI ?? '';
  return value !== '' && value !== 'false' && value !== '0';
}

/** Tells test/real/reporter.ts, which runs in another process and named a file for this. */
function record(line: { used: string } | { skipped: string; why: string }): void {
  const file = process.env.REAL_SYSTEMS_RECORD;
  if (file) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
