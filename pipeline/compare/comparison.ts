/**
 * Whether the batch way and the stream way, over the same posts, have come to the same: rows of silver, events in
 * quarantine, answers.
 */

import { DistinctRows } from '../columns/distinct_rows.ts';
import { type ColumnarTable, rowsOf } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { textTable } from '../ui/terminal/text_tables.ts';

/** What one way has come to. */
export interface PathResult {
  /** The cleaned rows of a dataset, each once, in any order. */
  silver(dataset: Dataset): ColumnarTable;
  /** The number of a dataset's events in quarantine. */
  quarantined(dataset: Dataset): number;
  answer(query: Query): ColumnarTable;
}

/** One thing that both ways have, as the number of its rows or events on each. */
export interface ComparedPart {
  readonly what: string;
  readonly batch: number;
  readonly stream: number;
  /** Not only the numbers, the rows themselves. */
  readonly same: boolean;
}

export interface Comparison {
  /** When it was made, milliseconds since 1970. */
  readonly at: number;
  /** `under way`: posts were on their way, which one may have and the other not yet. */
  readonly verdict: 'same' | 'different' | 'under way';
  readonly parts: readonly ComparedPart[];
}

/**
 * Compares all that both ways have.
 * @param settled whether every post has come to the end of both ways
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
  return partOf(`${name} in silver`, batch.length, stream.length, holdTheSameRows(batch, stream));
}

/** Rows of an answer have an order, which counts too. */
function answersOfBoth({ name }: Query, batch: ColumnarTable, stream: ColumnarTable): ComparedPart {
  const text = (table: ColumnarTable) => JSON.stringify(rowsOf(table));
  return partOf(name, batch.length, stream.length, text(batch) === text(stream));
}

function partOf(what: string, batch: number, stream: number, equal: boolean): ComparedPart {
  return { what, batch, stream, same: batch === stream && equal };
}

/** Of tables that hold each row once: as many rows, and the one brings nothing new to the other. */
function holdTheSameRows(batch: ColumnarTable, stream: ColumnarTable): boolean {
  if (batch.length !== stream.length) {
    return false;
  }
  const rows = new DistinctRows(batch.schema);
  rows.add(batch);
  return rows.length === batch.length && rows.add(stream) === 0;
}

/** The comparison as text for a terminal. */
export function printedComparison({ verdict, parts }: Comparison): string {
  const rows = parts.map(({ what, batch, stream, same }) => ({
    what,
    batch,
    stream,
    same: same ? 'yes' : 'NO',
  }));
  const schema = { what: 'text', batch: 'bigint', stream: 'bigint', same: 'text' } as const;
  const words = verdict === 'same' ? 'the same rows, the same answers' : verdict;
  return `Batch and stream: ${words}\n${textTable(schema, rows)}\n`;
}
