/** Makes the answers of a lake anew from what its silver holds, without reading landing files. */
import { againOnConflict } from '../delta/conflicts.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import { LiveAnswers } from '../engines/incremental/live_answers.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { BatchLake } from './lake_tables.ts';

/** Attempts while other runs write answers. */
const attempts = 10;

/**
 * Makes the gold tables of the batch path anew, if its silver is there.
 * @returns whether it is
 * @throws DeltaError
 */
export function answerLake(
  lake: string,
  datasets: readonly Dataset[],
  queries: readonly Query[],
): Promise<boolean> {
  return againOnConflict(attempts, async () => {
    const opened = await BatchLake.open(lake, datasets, queries);
    const live = new LiveAnswers(queries, runPlan);
    let isThere = false;
    for (const dataset of datasets) {
      const existing = await opened.existing(dataset, live.required.get(dataset.name) ?? []);
      if (existing !== undefined) {
        isThere = true;
        live.add(dataset.name, existing.rows);
      }
    }
    if (isThere) {
      await opened.commitAnswers(queries.map((query) => ({ query, table: live.answer(query) })));
    }
    return isThere;
  });
}
