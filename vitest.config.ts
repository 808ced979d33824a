import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest_first.ts';

const second = 1000;
const reporter = './test/real/reporter.ts';
const setupFiles = ['./test/support/seed.ts', './test/support/left_open.ts'];
const junit: ['junit', { outputFile: string }] = ['junit', { outputFile: 'test-artifacts/junit.xml' }];

/**
 * A folder in memory, where there is room and programs may be run from it, as tests do: a commit waits until a disk has it, and tests
 * make many thousands of commits.
 */
function temporaryFolder(): string {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(memory);
    const isForPrograms = !readFileSync('/proc/mounts', 'utf8').match(/ \/dev\/shm tmpfs \S*noexec/);
    return isForPrograms && bavail * bsize > 4 * 2 ** 30 ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

/**
 * Two projects, whose files share what they import, for that takes longer than most tests; they leave nothing behind, as left_open.ts
 * sees. `unit` needs Node alone and runs its files side by side. `real` starts Spark, Kafka, MariaDB and the like, so it runs three
 * files at a time, after `unit`, with limits that suit a JVM's start: one waits while the others work.
 */
export default defineConfig({
  test: {
    // On GitHub also notes beside the lines that failed, and a file to keep.
    reporters: process.env.GITHUB_ACTIONS ? ['github-actions', junit, reporter] : [reporter],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**'],
          env: { TMPDIR: temporaryFolder() },
          isolate: false,
          // One more than there are processors, for tests wait: for time limits, disks and other processes. Vitest would leave one free.
          maxWorkers: availableParallelism() + 1,
          testTimeout: 120 * second,
          hookTimeout: 120 * second,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'real',
          setupFiles,
          include: ['test/real/**/*.test.ts'],
          globalSetup: './test/real/systems/spark_host.ts',
          isolate: false,
          maxWorkers: 3,
          testTimeout: 600 * second,
          hookTimeout: 600 * second,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
