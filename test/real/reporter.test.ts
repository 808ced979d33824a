import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { describeSystems } from './reporter.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs Kafka's smoke test without any installed system. @returns the exit status and the report's end */
function runWithoutSystems(environment: Record<string, string>): Promise<{ status: number; end: string[] }> {
  const folder = temporaryFolder('nothing-set-up');
  // A run inside a run: what this run tells its own workers must not reach the inner one.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(CI|GITHUB_|VITEST|TEST$)/.test(name));
  const env = { ...Object.fromEntries(inherited), ...environment, REAL_SYSTEMS_DIR: folder };
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'test/real/systems.test.ts', '-t', 'Kafka'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, vitest, { cwd: root, env }, (error, stdout) => {
      const end = stdout.trimEnd().split('\n').slice(-12);
      if (!error) {
        resolve({ status: 0, end });
      } else if (typeof error.code === 'number') {
        resolve({ status: error.code, end });
      } else {
        reject(error);
      }
    });
  });
}

it('a run without a system skips its suite, and reports the reason', async () => {
  const { status, end } = await runWithoutSystems({});
  expect(status).toBe(0);
  expect(end).toContainEqual(expect.stringMatching(/^ {2}kafka: .* run scripts\/setup-real-systems kafka$/));
  expect(end.at(-1)).toMatch(/^0 passed, 0 failed, \d+ skipped$/);
});

it('a run without a system fails with CI=true', async () => {
  const { status, end } = await runWithoutSystems({ CI: 'true' });
  expect(status).toBe(1);
  expect(end.at(-1)).toMatch(/^0 passed, 1 failed, \d+ skipped$/);
});

it('describeSystems names each system once, sorted', () => {
  const lines = [
    '{"used":"Kafka"}',
    '{"used":"Airflow"}',
    '{"used":"Kafka"}',
    '{"skipped":"spark","why":"not set up"}',
  ];
  expect(describeSystems(lines)).toEqual([
    'Real systems used:',
    '  Airflow',
    '  Kafka',
    'Real systems skipped:',
    '  spark: not set up',
    '',
  ]);
});
