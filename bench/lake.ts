/**
 * The cost of writing silver as Delta tables and reading it back, in seconds of this process's processor time. The posts
 * are generated, cleaned and held in memory before.
 *
 *     npx tsx bench/lake.ts --posts 1000000 [--rounds 3]
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeLanding } from '../emulator/landing.ts';
import { cleanLanding } from '../pipeline/batch/run.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { overwriteDeltaTable, readDeltaTable } from '../pipeline/delta/table.ts';

const { values } = parseArgs({
  options: { posts: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
});

const folder = await mkdtemp(join(tmpdir(), 'bench-lake-'));
try {
  const landing = join(folder, 'landing');
  await writeLanding(landing, { posts: Number(values.posts), seed: 1, recordsPerFile: 10_000 });
  const { silver } = await cleanLanding(landing, datasets);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const [name, table] of Object.entries(silver)) {
      const path = join(folder, `lake-${round}`, name);
      const written = await measured(() => overwriteDeltaTable(path, table));
      const read = await measured(() => readDeltaTable(path));
      const megabytes = (await bytesIn(path)) / 1e6;
      console.log(
        `round ${round}, ${name}: ${table.length} rows, ${megabytes.toFixed(1)} MB: ` +
          `written in ${written.toFixed(2)} s, read in ${read.toFixed(2)} s of processor time`,
      );
    }
  }
} finally {
  await rm(folder, { recursive: true });
}

async function measured(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function bytesIn(path: string): Promise<number> {
  const files = (await readdir(path)).filter((name) => name.endsWith('.parquet'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
