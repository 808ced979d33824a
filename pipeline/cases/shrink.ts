/** Finds few rows that still give some rows of an answer. */
import { DistinctRows } from '../columns/distinct_rows.ts';
import { type ColumnarTable, type Row, rowsOf, tableOfRows } from '../columns/table.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { sourcesOf } from '../plan/relation.ts';
import type { Value } from '../plan/types.ts';

/** A cleaned row of a dataset. */
export interface SilverRow {
  readonly dataset: Dataset;
  readonly row: Row;
}

/** The rows of the datasets that a query reads. */
export function rowsRead(
  query: Query,
  datasets: readonly Dataset[],
  silver: Readonly<Record<string, ColumnarTable>>,
): readonly SilverRow[] {
  const sources = sourcesOf(query.plan);
  return datasets
    .filter(({ name }) => sources.has(name))
    .flatMap((dataset) => {
      const table = silver[dataset.name];
      return table === undefined ? [] : rowsOf(table).map((row) => ({ dataset, row }));
    });
}

/** The answer over rows, those that are equal being one, as in silver. */
export function answerOver(
  { plan }: Query,
  datasets: readonly Dataset[],
  rows: readonly SilverRow[],
): readonly Row[] {
  const tables = datasets.map((dataset) => {
    const { schema } = dataset.cleaning;
    const distinct = new DistinctRows(schema);
    const ofDataset = rows.filter((each) => each.dataset === dataset).map(({ row }) => row);
    distinct.add(tableOfRows(schema, ofDataset));
    return [dataset.name, distinct.table];
  });
  return rowsOf(runPlan(plan, Object.fromEntries(tables)));
}

/**
 * The rows of which none can be left out, and no cell be null, without losing one of the answer's rows that are asked for.
 * @param asked rows of the answer over all rows
 */
export function smallestRows(
  query: Query,
  datasets: readonly Dataset[],
  rows: readonly SilverRow[],
  asked: readonly Row[],
): readonly SilverRow[] {
  const wanted = asked.map((row) => JSON.stringify(row));
  const keeps = (some: readonly SilverRow[]) => {
    const answer = new Set(answerOver(query, datasets, some).map((row) => JSON.stringify(row)));
    return wanted.every((row) => answer.has(row));
  };
  // Rows of one key first: a join needs all of them.
  const byKey = new Map<Value, SilverRow[]>();
  for (const each of rows) {
    const key = each.row[each.dataset.keyColumn] ?? null;
    const before = byKey.get(key);
    before === undefined ? byKey.set(key, [each]) : before.push(each);
  }
  const keys = smallest([...byKey.values()], (some) => keeps(some.flat())).flat();
  return withoutCells(smallest(keys, keeps), keeps);
}

/** Pairs of so many items are as many runs as their square. */
const itemsForPairs = 100;

/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", ddmin): leaves out ever
 * smaller parts, until no single item can be left out, nor two: a median stays when one from each half goes.
 * @param keeps true of all items
 */
export function smallest<T>(items: readonly T[], keeps: (some: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (let size = Math.ceil(items.length / 2); size > 1; size = Math.ceil(size / 2)) {
    kept = withoutParts(kept, size, keeps);
  }
  for (let before = Number.POSITIVE_INFINITY; kept.length < before; ) {
    before = kept.length;
    kept = withoutParts(kept, 1, keeps);
    kept = kept.length <= itemsForPairs ? withoutPairs(kept, keeps) : kept;
  }
  return kept;
}

/** Leaves out parts of so many items. */
function withoutParts<T>(
  items: readonly T[],
  size: number,
  keeps: (some: readonly T[]) => boolean,
): readonly T[] {
  let kept = items;
  for (let from = 0; from < kept.length; ) {
    const rest = kept.toSpliced(from, size);
    if (keeps(rest)) {
      kept = rest;
    } else {
      from += size;
    }
  }
  return kept;
}

function withoutPairs<T>(items: readonly T[], keeps: (some: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (let first = 0; first < kept.length; first += 1) {
    for (let second = first + 1; second < kept.length; ) {
      const rest = kept.toSpliced(second, 1).toSpliced(first, 1);
      if (keeps(rest)) {
        kept = rest;
        second = first + 1;
      } else {
        second += 1;
      }
    }
  }
  return kept;
}

/** Makes cells null that the answer does not need: of a whole column, then one by one. */
function withoutCells(
  rows: readonly SilverRow[],
  keeps: (some: readonly SilverRow[]) => boolean,
): readonly SilverRow[] {
  let kept = rows;
  const tryNull = (column: string, isMeant: (at: number) => boolean) => {
    const without = kept.map((each, at) =>
      isMeant(at) && column !== each.dataset.keyColumn
        ? { ...each, row: { ...each.row, [column]: null } }
        : each,
    );
    if (keeps(without)) {
      kept = without;
    }
  };
  for (const dataset of new Set(rows.map((each) => each.dataset))) {
    for (const column of Object.keys(dataset.cleaning.schema)) {
      tryNull(column, (at) => kept[at]?.dataset === dataset);
    }
  }
  for (const [at, { row }] of rows.entries()) {
    for (const column of Object.keys(row).filter((name) => isKnown(kept[at]?.row[name]))) {
      tryNull(column, (other) => other === at);
    }
  }
  return kept;
}

function isKnown(value: Value | undefined): boolean {
  return value !== null && value !== undefined;
}
