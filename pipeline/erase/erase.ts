/**
 * Carries out the erasures of a lake: takes their rows out of silver and quarantine of both paths and out of landing files, and makes
 * the answers anew. It knows no state but theirs: killed at any moment and run again, it goes on.
 */
import { answerLake } from '../batch/answer_lake.ts';
import { DeltaTable, tablePath } from '../delta/table.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import { takeOutOfBronze, takeOutOfQuarantine, takeOutOfSilver } from '../erasures/take_out.ts';
import type { Erasures } from '../erasures.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { Gold } from '../stream/gold.ts';
import { type ErasedLanding, findErasedLines, takeOutOfLanding } from './landing_lines.ts';

/** A lake and its landing files. */
export interface ErasedPlaces {
  /** The folder or S3 URL of the lake. */
  readonly lake: string;
  /** The folder or S3 URL that holds `topics/`. */
  readonly landing: string;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
}

/** The rows that go, or went, from a table of the lake. */
export interface TableErased {
  /** From the lake: `silver/pin`, `stream/quarantine/geo`. */
  readonly table: string;
  readonly rows: number;
  /** Data files that held them. */
  readonly files: number;
}

export interface Erased {
  /** Each table that is there. */
  readonly tables: readonly TableErased[];
  readonly landing: ErasedLanding;
}

/** Tells what carrying out erasures would take, and changes nothing. @throws Error when a table or landing files cannot be read */
export async function erasedBy(places: ErasedPlaces, erasures: Erasures): Promise<Erased> {
  const tables = await takeOutOfTables(places, erasures, true);
  return { tables, landing: await findErasedLines(places.landing, places.datasets, erasures) };
}

/**
 * Carries out erasures that are committed. A landing file that cannot be searched is named in the result, and the others are.
 * @param onStep is told what is done next
 * @throws Error when a table or a landing file cannot be read or written
 */
export async function carryOut(
  places: ErasedPlaces,
  erasures: Erasures,
  onStep: (step: string) => void = () => {},
): Promise<Erased> {
  const { lake, landing, datasets, queries } = places;
  onStep('tables');
  const tables = await takeOutOfTables(places, erasures, false);
  onStep('landing files');
  const found = await findErasedLines(landing, datasets, erasures);
  await takeOutOfLanding(landing, lake, found.files, erasures);
  onStep('answers');
  await answerLake(lake, datasets, queries);
  await answerStream(places);
  return { tables, landing: found };
}

/** The folders of the tables that hold rows or lines of posts. */
const layers = {
  bronze: takeOutOfBronze,
  quarantine: takeOutOfQuarantine,
  silver: takeOutOfSilver,
  'stream/quarantine': takeOutOfQuarantine,
  'stream/silver': takeOutOfSilver,
};

async function takeOutOfTables(
  { lake, datasets }: ErasedPlaces,
  erasures: Erasures,
  isDryRun: boolean,
): Promise<TableErased[]> {
  const erased: TableErased[] = [];
  for (const [layer, takeOut] of Object.entries(layers)) {
    for (const dataset of datasets) {
      const table = `${layer}/${dataset.name}`;
      const removal = await takeOut(tablePath(lake, table), dataset, erasures, { isDryRun });
      if (removal !== undefined) {
        erased.push({ table, ...removal });
      }
    }
  }
  return erased;
}

/** Makes the gold tables of the stream path anew, if all of its silver is there. A running stream does the same. */
async function answerStream({ lake, datasets, queries }: ErasedPlaces): Promise<void> {
  const silver = await Promise.all(
    datasets.map(async ({ name }) => {
      const table = await DeltaTable.openIfExists(tablePath(lake, 'stream', 'silver', name));
      return table && ([name, await table.read()] as const);
    }),
  );
  const tables = silver.filter((table) => table !== undefined);
  if (tables.length === datasets.length) {
    const rows = Object.fromEntries(tables);
    await new Gold({ lake, queries }).write(({ plan }) => runPlan(plan, rows));
  }
}
