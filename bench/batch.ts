/**
 * How long `npm run batch` takes over generated landing files, and how much memory: the whole process, measured.
 *
 *     npx tsx bench/batch.ts --posts 1000000 --records-per-file 10000 [--lake]
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeLanding } from '../emulator/landing.ts';

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '100000' },
    'records-per-file': { type: 'string', default: '10000' },
    lake: { type: 'boolean', default: false },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'bench-batch-'));
try {
  const landing = join(folder, 'landing');
  const written = await writeLanding(landing, {
    posts: Number(values.posts),
    seed: 1,
    recordsPerFile: Number(values['records-per-file']),
  });
  const program = fileURLToPath(new URL('../pipeline/commands/batch.ts', import.meta.url));
  const options = ['--landing', landing, '--report', join(folder, 'report.html')];
  const lake = values.lake ? ['--lake', join(folder, 'lake')] : [];
  const start = performance.now();
  const { status } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), program, ...options, ...lake],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: `--import=${new URL('peak_memory.js', import.meta.url).href}` },
    },
  );
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${written.events} events, ${written.bytes} bytes in ${written.files} files: ${seconds.toFixed(1)} s, exit status ${status}`,
  );
} finally {
  await rm(folder, { recursive: true });
}
