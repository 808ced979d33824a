/** Gathers what a catalogue shows: scores of cases, answers over a fixture, places. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { writeLanding } from '../../../emulator/landing.ts';
import { runBatch } from '../../../pipeline/batch/run.ts';
import { nameOf } from '../../../pipeline/cases/case.ts';
import { scoreOf } from '../../../pipeline/cases/mutation/score.ts';
import { casesOf } from '../../../pipeline/cases/project.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { queries } from '../../../queries/index.ts';
import type { GraphNode } from '../graph/record.ts';
import type { Catalogue } from './parts.ts';
import { placesOf } from './places.ts';

/** The posts of the fixture: always the same, enough for every answer to have rows. */
const fixture = { posts: 2000, seed: 1 };

const packageFile = z.object({ version: z.string() });

/**
 * Gathers a catalogue of the project.
 * @param root the folder of the repository
 * @param declared the resources of the stack
 * @param onStep called after each step
 */
export async function gatherCatalogue(
  root: string,
  stack: string,
  declared: Promise<readonly GraphNode[]>,
  onStep: (done: number, of: number) => void = () => {},
): Promise<Catalogue> {
  // It may fail while other steps run, and is awaited after them.
  declared.catch(() => {});
  const { files } = casesOf({ root, datasets, queries });
  let done = 0;
  const step = () => onStep(++done, files.length + 2);
  const scores = new Map(
    files.map((file) => {
      const score = scoreOf(file, datasets);
      step();
      return [nameOf(file.subject), score];
    }),
  );
  const answers = await answersOverFixture();
  step();
  const nodes = await declared;
  step();
  const { version } = packageFile.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const places = placesOf(stack, nodes, datasets);
  return { version, datasets, answers, posts: fixture.posts, scores, places };
}

async function answersOverFixture(): Promise<Catalogue['answers']> {
  const landing = await mkdtemp(join(tmpdir(), 'pinterest-catalogue-'));
  try {
    await writeLanding(landing, fixture);
    const { answers } = await runBatch({ landing, datasets, queries });
    return answers.map(({ query, table }) => ({ query, rows: rowsOf(table) }));
  } finally {
    await rm(landing, { recursive: true, force: true });
  }
}
