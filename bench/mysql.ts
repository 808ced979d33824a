/**
 * The cost of picking a random post from MySQL, from short tables and from long ones, and the cost of
 * `ORDER BY RAND()` for comparison.
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
import { median } from './results.ts';

/** Milliseconds a pick at one size of table. */
export interface PickMeasure {
  readonly posts: number;
  /** The median of many consecutive picks, each from three tables. */
  readonly pick: number;
  /** The median of a few `ORDER BY RAND() LIMIT 1` from one table. */
  readonly orderByRand: number;
}

const picks = 1000;
const randPicks = 5;

/** Seeds a new MariaDB with more and more posts, and picks from it. */
export async function measurePicks(sizes: readonly number[]): Promise<PickMeasure[]> {
  // Keeps both sizes in memory, so that finding a row is measured and not the disk.
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
  await medianMilliseconds(picks / 10, pick);
  return {
    posts,
    pick: await medianMilliseconds(picks, pick),
    orderByRand: await medianMilliseconds(randPicks, () =>
      database.query('SELECT * FROM pinterest_data ORDER BY RAND() LIMIT 1'),
    ),
  };
}

async function medianMilliseconds(times: number, run: () => Promise<unknown>): Promise<number> {
  const milliseconds: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    await run();
    milliseconds.push(performance.now() - start);
  }
  return median(milliseconds);
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
