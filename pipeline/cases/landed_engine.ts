/** Engines that run a whole path: landing files → silver, quarantine and gold in a lake, step after step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBatch } from '../batch/run.ts';
import { rowsOf } from '../columns/table.ts';
import { readDeltaTable, tablePath } from '../delta/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import { type Case, type CaseEngine, failureOf, type Outcome } from './case.ts';
import { type World, type WrittenTables, worldOf } from './world.ts';

/** Runs a path over the landing files that are there now. @returns the tables that it has written */
export type RunPath = (world: World, landing: string, lake: string) => Promise<WrittenTables>;

/** `npm run batch --lake`, once a step: the later ones over a lake that holds the rows before. */
export function batchEngine(datasets: readonly Dataset[]): CaseEngine {
  return {
    name: 'batch',
    run: async (cases) => {
      const outcomes = await throughLanding(cases, datasets, async (world, landing, lake) => {
        await runBatch({ landing, lake, datasets: world.datasets, queries: world.queries });
        return tablesIn(lake);
      });
      return [{ name: 'the batch with a lake', outcomes }];
    },
  };
}

/** The tables of a lake. */
export function tablesIn(lake: string): WrittenTables {
  return async (layer, name) => rowsOf(await readDeltaTable(tablePath(lake, layer, name)));
}

/** The results of a path over landing files, one for each step of each case. */
export async function throughLanding(
  cases: readonly Case[],
  datasets: readonly Dataset[],
  run: RunPath,
): Promise<readonly (readonly Outcome[])[]> {
  const outcomes = new Map<Case, readonly Outcome[]>();
  for (const form of ['rows', 'lines'] as const) {
    const ofForm = cases.filter((of) => of.form === form);
    for (const [at, steps] of (await stepsOf(ofForm, datasets, run)).entries()) {
      const of = ofForm[at];
      if (of !== undefined) {
        outcomes.set(of, steps);
      }
    }
  }
  return cases.map((of) => outcomes.get(of) ?? []);
}

async function stepsOf(
  cases: readonly Case[],
  datasets: readonly Dataset[],
  run: RunPath,
): Promise<readonly (readonly Outcome[])[]> {
  const results = cases.map((): Outcome[] => []);
  if (cases.length === 0) {
    return results;
  }
  const folder = await mkdtemp(join(tmpdir(), 'pinterest-cases-'));
  try {
    const world = worldOf(cases, datasets);
    const [landing, lake] = [join(folder, 'landing'), join(folder, 'lake')];
    for (let step = 0; step < Math.max(...cases.map(({ steps }) => steps.length)); step += 1) {
      await world.land(landing, step);
      const outcomes = await world.outcomes(await run(world, landing, lake));
      for (const [at, outcome] of outcomes.entries()) {
        results[at]?.push(outcome);
      }
    }
    return results;
  } catch (error) {
    return results.map((before, at) => [
      ...before,
      ...Array<Outcome>(Math.max(0, (cases[at]?.steps.length ?? 0) - before.length)).fill(failureOf(error)),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
