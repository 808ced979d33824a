/** A history of posts and erasures, in turn by the batch notebook and by Node, held against the rows that are left after each run. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { findErasedLines } from '../../../pipeline/erase/landing_lines.ts';
import { readErasures } from '../../../pipeline/erasures.ts';
import { rowsOfLake } from '../../batch/lakes.ts';
import { runInto } from '../../batch/run_into.ts';
import { ErasedLake, type Line, randomLines } from '../../erase/lakes.ts';
import { Choices } from '../../support/random.ts';
import { killed, killedAt } from './histories.ts';
import { copyIn } from './notebook_runs.ts';

export async function eraseInTurn(
  folder: string,
  { pinterest_batch_data, pinterest_erase }: ReturnType<typeof notebookSources>,
  seed: number,
  run: (source: string, widgets: Readonly<Record<string, string>>) => Promise<{ readonly printed: string }>,
): Promise<void> {
  const choices = new Choices(seed);
  const world = new ErasedLake(folder);
  const byNode = () => runInto(world.lake, world.landing, { bronze: true });
  const bySpark = (source = pinterest_batch_data) =>
    run(source, { lake: world.lake, landing: world.landing });
  const expectLeft = async () => expect(await rowsOfLake(world.lake)).toEqual(await world.expected());
  const pinOf = (key: number, rest = '}'): Line => ({ key, text: `{"index":${key},"category":"art"${rest}` });
  const cut = (key: number) => pinOf(key, ',"ti');
  await world.post(
    'pin',
    [1, 2, 3, 4].flatMap((key) => [pinOf(key), cut(key)]),
  );
  await world.post(
    'geo',
    [1, 2, 3, 4].map((key) => ({ key, text: `{"ind":${key},"country":"Peru"}` })),
  );
  await world.post('user', [...randomLines(choices, 'user'), ...randomLines(choices, 'user')], true);
  await byNode();
  await world.commitErasure([1]);
  await world.commitErasure([2, 3], true);
  const commit = choices.below(25);
  await bySpark(killedAt(pinterest_batch_data, commit)).catch((error) =>
    expect(String(error)).toContain(killed),
  );
  expect((await bySpark()).printed).toContain('pin: 0 erased');
  await expectLeft();
  expect((await copyIn(world.lake, 'pin')).join('')).not.toMatch(/index\\":[123]/);
  // The same rows as before, of which some return.
  await world.post(
    'pin',
    [1, 2, 3].flatMap((key) => [pinOf(key), cut(key)]),
  );
  await world.post('geo', randomLines(choices, 'geo'));
  expect((await bySpark()).printed).toContain('pin: 2 erased');
  await expectLeft();
  await world.commitErasure([3], false, async () => {
    const widgets = { lake: world.lake, landing: world.landing, keys: '3', reason: "it's $5" };
    const { printed } = await run(pinterest_erase, widgets);
    expect(printed).toContain('1 posts erased now, 3 in all');
    expect(printed).toContain('silver/pin: 1 rows taken out');
    expect(printed).toContain('quarantine/pin: 1 rows taken out');
    expect(printed).toMatch(/^landing files: [1-9][0-9]* lines taken out of [1-9]/m);
  });
  const { landing, datasets, lake } = world.places;
  expect((await findErasedLines(landing, datasets, await readErasures(lake))).files).toEqual([]);
  await byNode();
  await expectLeft();
  await world.commitErasure([4], true);
  // Read anew, a table is free of what was erased from its start on.
  rmSync(join(world.lake, 'silver/pin'), { recursive: true });
  await world.post('pin', [pinOf(4), pinOf(3)]);
  await bySpark();
  await byNode();
  await expectLeft();
}
