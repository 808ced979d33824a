/** Compares the results of the batch path and the stream path over the same posts: silver, quarantine, answers. */

import { DistinctRows } from '../columns/distinct_rows.ts';
import { type ColumnarTable, rowsOf } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';

/** The result of one path. */
export interface PathResult {
  /** The cleaned rows of a dataset, each once, in any order. */
  silver(dataset: Dataset): ColumnarTable;
  /** The number of a dataset's events in quarantine. */
  quarantined(dataset: Dataset): number;
  answer(query: Query): ColumnarTable;
}

/** One part of both results, with the number of its rows or events on each path. */
export interface ComparedPart {
  readonly what: string;
  readonly batch: number;
  readonly stream: number;
  /** Compares the rows themselves where there are rows, not only their numbers. */
  readonly same: boolean;
}

export interface Comparison {
  /** The time of the comparison, milliseconds since 1970. */
  readonly at: number;
  /** `under way`: posts were being sent, which one path may have processed and the other not yet. */
  readonly verdict: 'same' | 'different' | 'under way';
  readonly parts: readonly ComparedPart[];
}

/**
 * Compares the results of both paths.
 * @param settled every post has come to the end of both paths
 */
export function comparePaths(
  batch: PathResult,
  stream: PathResult,
  { datasets, queries }: { readonly datasets: readonly Dataset[]; readonly queries: readonly Query[] },
  { settled, now }: { readonly settled: boolean; readonly now: number },
): Comparison {
  const parts = [
    ...datasets.map((dataset) => rowsOfBoth(dataset, batch.silver(dataset), stream.silver(dataset))),
    ...datasets.map((dataset) =>
      partOf(`${dataset.name} in quarantine`, batch.quarantined(dataset), stream.quarantined(dataset), true),
    ),
    ...queries.map((query) => answersOfBoth(query, batch.answer(query), stream.answer(query))),
  ];
  const same = parts.every((part) => part.same);
  return { at: now, verdict: settled ? (same ? 'same' : 'different') : 'under way', parts };
}

function rowsOfBoth({ name }: Dataset, batch: ColumnarTable, stream: ColumnarTable): ComparedPart {
  return partOf(`${name} in silver`, batch.length, stream.length, haveSameRows(batch, stream));
}

/** Compares answers, whose rows have an order. */
function answersOfBoth({ name }: Query, batch: ColumnarTable, stream: ColumnarTable): ComparedPart {
  const json = (table: ColumnarTable) => JSON.stringify(rowsOf(table));
  return partOf(name, batch.length, stream.length, json(batch) === json(stream));
}

function partOf(what: string, batch: number, stream: number, equal: boolean): ComparedPart {
  return { what, batch, stream, same: batch === stream && equal };
}

/** Compares tables of distinct rows: as many rows, and none of the one is missing from the other. */
function haveSameRows(batch: ColumnarTable, stream: ColumnarTable): boolean {
  if (batch.length !== stream.length) {
    return false;
  }
  const rows = new DistinctRows(batch.schema);
  rows.add(batch);
  return rows.length === batch.length && rows.add(stream) === 0;
}
