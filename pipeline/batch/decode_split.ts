/** What a thread does for the batch way: parts of landing files → cleaned columns, and perhaps a data file of silver. */
import { join } from 'node:path';
import { StringColumn } from '../columns/column.ts';
import { PlainByteArrays, type StoredTable } from '../columns/plain_byte_arrays.ts';
import { type ColumnarTable, columnAt, emptyTable } from '../columns/table.ts';
import type { Add } from '../delta/table.ts';
import { type DecodedDataset, Decoder, type QuarantineReason } from '../json/decoder.ts';
import { LineReader, linesOf } from '../landing/line_ranges.ts';
import type { Schema } from '../plan/types.ts';
import type { FileSplit } from './splits.ts';

/** A dataset, as plain values. */
export type SplitDataset = DecodedDataset & { readonly name: string };

/** What of a dataset a message can hold. */
export function splitDataset({ name, raw, key, clean, cleaning: { schema } }: SplitDataset): SplitDataset {
  return { name, raw, key, clean, cleaning: { schema } };
}

/** A task, as plain values. */
export type Split =
  | {
      readonly kind: 'decode';
      readonly dataset: SplitDataset;
      readonly landing: string;
      readonly parts: readonly FileSplit[];
      /** The cleaned columns that are wanted back. */
      readonly columns: readonly string[];
      /** The Delta table that a data file of all columns is written for, and the rows that are left out of it, in order. */
      readonly silver?: { readonly table: string; readonly without: Int32Array };
    }
  | {
      /** The whole rows of single lines. */
      readonly kind: 'lines';
      readonly dataset: SplitDataset;
      readonly landing: string;
      readonly lines: readonly LinesOfFile[];
    };

/** Lines of a landing file, by where they begin, ascending. */
export interface LinesOfFile {
  readonly path: string;
  readonly starts: Float64Array;
}

/** A line that is no event. */
export interface QuarantinedLine {
  readonly path: string;
  readonly text: Uint8Array;
  readonly reason: QuarantineReason;
}

export interface DecodedSplit {
  /** The wanted columns of the rows, in the order of the lines. */
  readonly rows: ColumnarTable;
  /** Where the line of each row begins in its file. */
  readonly lineStarts: Float64Array<ArrayBuffer>;
  /** For each part: how many rows came of it, and why it could not be read to its end. */
  readonly parts: readonly { readonly rows: number; readonly error?: Error }[];
  readonly quarantined: readonly QuarantinedLine[];
  /** The data file that was written, if there are rows for one. */
  readonly file?: Add;
}

/** Does a task. @throws Error when a data file cannot be written, or a line is no longer there */
export async function decodeSplit(task: Split, decoders: Decoders): Promise<DecodedSplit> {
  return task.kind === 'decode' ? decode(task, decoders) : decodeSingleLines(task);
}

/**
 * Decoders that go on from task to task: texts of the columns that are wanted back keep their codes, and what was found out
 * about the others is found out once.
 */
export class Decoders {
  private readonly known = new Map<string, Decoder>();

  of(dataset: SplitDataset, columns: readonly string[], storesAll: boolean): Decoder {
    const key = JSON.stringify([dataset.name, columns, storesAll]);
    let decoder = this.known.get(key);
    if (decoder === undefined) {
      const shared = Object.fromEntries(columns.map((name) => [name, new StringColumn()]));
      decoder = new Decoder(dataset, { columns, dictionariesOf: { columns: shared }, storesAll });
      this.known.set(key, decoder);
    }
    return decoder;
  }
}

async function decode(task: Extract<Split, { kind: 'decode' }>, decoders: Decoders): Promise<DecodedSplit> {
  const { dataset, landing, parts, columns, silver } = task;
  const decoder = decoders.of(dataset, columns, silver !== undefined);
  const quarantined: QuarantinedLine[] = [];
  const read: { rows: number; error?: Error }[] = [];
  for (const { path, from, to } of parts) {
    const before = decoder.length;
    const quarantine = (line: Uint8Array, reason: QuarantineReason) => {
      quarantined.push({ path, text: line.slice(), reason });
    };
    try {
      for (const { bytes, offset } of linesOf(join(landing, path), from, to)) {
        decoder.decodeLines(bytes, quarantine, offset);
      }
      read.push({ rows: decoder.length - before });
    } catch (error) {
      read.push({
        rows: decoder.length - before,
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  }
  const lineStarts = decoder.lineStarts.slice();
  const { rows, stored } = decoder.takeStored();
  const kept = silver && without(stored, silver.without);
  const file = silver && kept && kept.length > 0 ? await writeFile(silver.table, kept) : undefined;
  for (const column of Object.values(stored.columns)) {
    if (column instanceof PlainByteArrays) column.release();
  }
  return { rows, lineStarts, parts: read, quarantined, ...(file && { file }) };
}

/** Writing Parquet is much to load: only who keeps a lake waits for it. */
async function writeFile(table: string, rows: StoredTable): Promise<Add> {
  const { writeDataFile } = await import('../delta/files.ts');
  return writeDataFile(table, rows);
}

/** A table of some kind of columns. */
interface TableOf<C> {
  readonly schema: Schema;
  readonly columns: Readonly<Record<string, C>>;
  readonly length: number;
}

interface Gatherable<C> {
  gather(rows: Int32Array): C;
}

/** A table without some of its rows, which are given in ascending order. */
export function without<C extends Gatherable<C>>(table: TableOf<C>, rows: Int32Array): TableOf<C> {
  if (rows.length === 0) {
    return table;
  }
  const left = new Int32Array(table.length - rows.length);
  let next = 0;
  let length = 0;
  for (let row = 0; row < table.length; row += 1) {
    if (rows[next] === row) {
      next += 1;
    } else {
      left[length] = row;
      length += 1;
    }
  }
  return gathered(table, left);
}

/** Some rows of a table. */
export function gathered<C extends Gatherable<C>>(table: TableOf<C>, rows: Int32Array): TableOf<C> {
  const columns = Object.keys(table.schema).map((name) => [name, columnAt(table, name).gather(rows)]);
  return { schema: table.schema, columns: Object.fromEntries(columns), length: rows.length };
}

function decodeSingleLines({ dataset, landing, lines }: Extract<Split, { kind: 'lines' }>): DecodedSplit {
  const decoder = new Decoder(dataset);
  let wanted = 0;
  for (const { path, starts } of lines) {
    const file = new LineReader(join(landing, path));
    try {
      for (const start of starts) {
        wanted += 1;
        decoder.decodeLine(file.lineAt(start), () => {});
        if (decoder.length !== wanted) {
          throw new Error(
            `${path} was changed while it was read: there is no event at byte ${start} any more.`,
          );
        }
      }
    } finally {
      file.close();
    }
  }
  const rows = wanted === 0 ? emptyTable(dataset.cleaning.schema) : decoder.take();
  return { rows, lineStarts: new Float64Array(0), parts: [], quarantined: [] };
}
