/**
 * What it costs to pick a random post from MySQL, in short tables and in long ones; and what picking by
 * `ORDER BY RAND()` would cost.
 *
 *     npx tsx bench/mysql.ts [posts of the long tables, 1000000]
 */
import { fileURLToPath } from 'node:url';
import { mysqlAddress } from '../emulator/mysql/address.ts';
import { Database } from '../emulator/mysql/database.ts';
import { seedDatabase } from '../emulator/seed.ts';
import { randomMysqlSource } from '../emulator/sources/mysql.ts';
import { datasets } from '../pipeline/datasets/index.ts';
import { mariadb } from '../test/real/systems/mariadb.ts';

/** What one size of table measured, in milliseconds a pick. */
export interface PickMeasure {
  readonly posts: number;
  /** The middle of many picks, one after another, each from three tables. */
  readonly pick: number;
  /** The middle of a few `ORDER BY RAND() LIMIT 1`, from one table. */
  readonly orderByRand: number;
}

const picks = 1000;
const randPicks = 5;

/** Seeds a MariaDB of its own with more and more posts, and picks from it. */
export async function measurePicks(sizes: readonly number[]): Promise<PickMeasure[]> {
  // So that both sizes are in memory: what is measured is the way to a row, not the disk.
  const server = await mariadb.start(['--innodb-buffer-pool-size=1G']);
  const database = await Database.open(mysqlAddress(server.url));
  try {
    const measures: PickMeasure[] = [];
    for (const posts of sizes) {
      await seedDatabase({ database, datasets, posts, seed: 1 });
      measures.push(await measure(database, posts));
    }
    return measures;
  } finally {
    await database.close();
    await server.stop();
  }
}

async function measure(database: Database, posts: number): Promise<PickMeasure> {
  const { signal } = new AbortController();
  const source = randomMysqlSource({ database, datasets });
  const pick = () => source.next(signal);
  await middleOf(picks / 10, pick);
  return {
    posts,
    pick: await middleOf(picks, pick),
    orderByRand: await middleOf(randPicks, () =>
      database.query('SELECT * FROM pinterest_data ORDER BY RAND() LIMIT 1'),
    ),
  };
}

async function middleOf(times: number, run: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    await run();
    taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { posts, pick, orderByRand } of await measurePicks([
    1000,
    Number(process.argv[2] ?? 1_000_000),
  ])) {
    process.stdout.write(
      `${String(posts).padStart(9)} posts: a pick ${pick.toFixed(2)} ms, ORDER BY RAND() ${orderByRand.toFixed(2)} ms\n`,
    );
  }
}
