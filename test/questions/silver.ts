/** Cleaned tables to ask the questions of: lifelike posts, some without a place or a user. */
import { generatePost } from '../../emulator/generator.ts';
import type { Row } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { cleanLines } from '../oracle/oracle.ts';

const posts = Array.from({ length: 600 }, (_, index) => generatePost(index, 17));

/** One of so many posts has no row in the dataset. */
const missing: Readonly<Record<string, number>> = { geo: 9, user: 14 };

const lines = datasets.map(({ name }) => {
  const kept = posts.filter((_, i) => i % (missing[name] ?? Number.POSITIVE_INFINITY) !== 5);
  return [name, kept.map((post) => JSON.stringify(post[name as 'pin' | 'geo' | 'user']))] as const;
});

const { silver: cleaned } = cleanLines(Object.fromEntries(lines));

export const silver = datasets.map(({ name, table: { schema } }) => ({
  name,
  schema,
  rows: (cleaned[name] ?? []) as readonly Row[],
}));
