/** Makes the source tables and fills them from the generator, again and again without doubling. */
import type { Dataset } from '../pipeline/plan/dataset.ts';
import { generateEvents } from './generator.ts';
import type { Database } from './mysql/database.ts';
import { createTableStatement, quoted, upsertStatement } from './mysql/tables.ts';

export interface SeedOptions {
  readonly database: Database;
  readonly datasets: readonly Dataset[];
  readonly posts: number;
  readonly seed: number;
  /** Called with the number of posts in the tables. */
  readonly onProgress?: (posts: number) => void;
  readonly signal?: AbortSignal;
}

const postsPerBatch = 1000;

/**
 * Seeds a database with posts 0, 1, 2, … of a seed. Rows that are there are written over, so that a run that was cut
 * off is ended by running it again.
 * @throws when a table of that name exists and could hold a post twice
 */
export async function seedDatabase(options: SeedOptions): Promise<void> {
  const { database, datasets, posts, seed, onProgress, signal } = options;
  for (const dataset of datasets) {
    await database.query(createTableStatement(dataset), [], signal);
    await refuseWithoutKey(database, dataset);
  }
  for (let from = 0; from < posts; from += postsPerBatch) {
    signal?.throwIfAborted();
    const to = Math.min(posts, from + postsPerBatch);
    const batch = Array.from({ length: to - from }, (_, index) =>
      generateEvents(datasets, from + index, seed),
    );
    await Promise.all(
      datasets.map((dataset) => {
        const rows = batch.map((post) => Object.values(post[dataset.name] ?? {}));
        return database.query(upsertStatement(dataset), [rows], signal);
      }),
    );
    onProgress?.(to);
  }
}

async function refuseWithoutKey(database: Database, dataset: Dataset): Promise<void> {
  const indexes = await database.query(
    'SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? ' +
      'AND non_unique = 0 GROUP BY index_name HAVING COUNT(*) = 1 AND MAX(column_name) = ?',
    [dataset.sourceTable, dataset.key],
  );
  if (indexes.length === 0) {
    throw new Error(
      `The table ${dataset.sourceTable} exists and its column ${dataset.key} is not a unique key, so seeding would ` +
        `double rows. Add one (ALTER TABLE ${quoted(dataset.sourceTable)} ADD PRIMARY KEY (${quoted(dataset.key)})), or drop the table.`,
    );
  }
}
