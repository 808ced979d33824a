/** Decodes splits of landing files into cleaned columns and, for a lake, a data file of silver. Runs in worker threads. */

import { at } from '../columns/at.ts';
import { StringColumn } from '../columns/column.ts';
import { type Gatherable, gathered, type TableOf } from '../columns/gathered.ts';
import { PlainByteArrays, type StoredTable } from '../columns/plain_byte_arrays.ts';
import { type ColumnarTable, emptyTable } from '../columns/table.ts';
import type { Add } from '../delta/table.ts';
import { namesKey } from '../erasures/keys_of_line.ts';
import { type DecodedDataset, Decoder, type QuarantineReason } from '../json/decoder.ts';
import type { Nulled } from '../json/nulled.ts';
import { sourcesOf } from '../landing/byte_source.ts';
import { LineReader, linesOf } from '../landing/line_ranges.ts';
import type { CopiedLines } from './bronze_rows.ts';
import { type ErasedUntil, erasedRows, isErased, rowsLeft } from './erased_lines.ts';
import { type FileSplit, wantedOf } from './splits.ts';

/** A dataset as plain values, which a message to a thread can hold. */
export type SplitDataset = DecodedDataset & { readonly name: string; readonly keyColumn: string };

export function splitDataset({ cleaning: { schema }, ...dataset }: SplitDataset): SplitDataset {
  const { name, raw, key, keyColumn, clean } = dataset;
  return { name, raw, key, keyColumn, clean, cleaning: { schema } };
}

/** The work on a split, as plain values. */
export type Split =
  | {
      readonly kind: 'decode';
      readonly dataset: SplitDataset;
      readonly landing: string;
      readonly parts: readonly FileSplit[];
      /** Erased keys: their rows and lines are left out. */
      readonly erased: ErasedUntil;
      /** The cleaned columns to return. */
      readonly columns: readonly string[];
      /** The Delta table to write a data file of all columns for, and the rows to leave out of it, ascending, by their numbers in `rows`. */
      readonly silver?: { readonly table: string; readonly without: Int32Array };
    }
  | {
      /** Returns all columns of single lines. */
      readonly kind: 'lines';
      readonly dataset: SplitDataset;
      readonly landing: string;
      readonly lines: readonly LinesOfFile[];
    }
  | ({ readonly kind: 'copy'; readonly dataset: Pick<SplitDataset, 'name'> } & CopiedLines);

/** Lines of a landing file, by the offsets of their first bytes, ascending. */
export interface LinesOfFile {
  readonly path: string;
  /** The folder that holds it, where it is not the landing folder. */
  readonly folder: string | undefined;
  readonly starts: Float64Array;
}

/** A line that is not an event. */
export interface QuarantinedLine {
  readonly path: string;
  readonly text: Uint8Array;
  readonly reason: QuarantineReason;
}

export interface DecodedSplit {
  /** The requested columns of the rows, in the order of the lines. */
  readonly rows: ColumnarTable;
  /** The offset of each row's line in its file. */
  readonly lineStarts: Float64Array<ArrayBuffer>;
  /** For each part: its number of rows, and why it could not be read to its end. */
  readonly parts: readonly { readonly rows: number; readonly error?: Error }[];
  readonly quarantined: readonly QuarantinedLine[];
  /** Events and other lines of posts that were erased. */
  readonly erased: number;
  /** The values that rules have made null, of all columns that were decoded. */
  readonly nulled: Nulled;
  /** The data file that was written, if it has rows. */
  readonly file?: Add;
}

/** @throws Error when a data file cannot be written, or a line no longer exists */
export async function decodeSplit(split: Split, decoders: Decoders): Promise<DecodedSplit> {
  switch (split.kind) {
    case 'decode':
      return decode(split, decoders);
    case 'lines':
      return decodeSingleLines(split);
    case 'copy':
      return copy(split);
    default:
      return unknownKind(split);
  }
}

/**
 * Decoders that are kept from split to split: strings of the columns that are returned keep their ids, and what is cached
 * about the others stays cached.
 */
export class Decoders {
  private readonly decoders = new Map<string, Decoder>();

  of(dataset: SplitDataset, columns: readonly string[], storesAll: boolean): Decoder {
    const key = JSON.stringify([dataset.name, columns, storesAll]);
    let decoder = this.decoders.get(key);
    if (decoder === undefined) {
      const shared = Object.fromEntries(columns.map((name) => [name, new StringColumn()]));
      decoder = new Decoder(dataset, { columns, dictionariesOf: { columns: shared }, storesAll });
      this.decoders.set(key, decoder);
    }
    return decoder;
  }
}

async function decode(
  { dataset, landing, parts, erased, columns, silver }: Extract<Split, { kind: 'decode' }>,
  decoders: Decoders,
): Promise<DecodedSplit> {
  const openSource = await sourcesOf(landing, parts.map(wantedOf));
  const decoder = decoders.of(dataset, columns, silver !== undefined);
  const quarantined: QuarantinedLine[] = [];
  let erasedLines = 0;
  const read: { rows: number; modified: number; error?: Error }[] = [];
  for (const [i, { path, from, to, modified }] of parts.entries()) {
    const before = decoder.length;
    const quarantine = (line: Uint8Array, reason: QuarantineReason) => {
      const isOfErased = (key: number) => isErased(erased, key, modified);
      if (erased.size > 0 && namesKey(Buffer.from(line).toString(), dataset.key, isOfErased)) {
        erasedLines += 1;
      } else {
        quarantined.push({ path, text: line.slice(), reason });
      }
    };
    try {
      const source = openSource(i);
      try {
        for (const { bytes, offset } of linesOf(source, from, to)) {
          decoder.decodeLines(bytes, quarantine, offset);
        }
      } finally {
        source.close();
      }
      read.push({ rows: decoder.length - before, modified });
    } catch (error) {
      read.push({
        rows: decoder.length - before,
        modified,
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  }
  const starts = decoder.lineStarts.slice();
  const { rows: all, stored, nulled } = decoder.takeStored();
  const gone = erasedRows(all, dataset.keyColumn, read, erased);
  const rows = without(all, gone);
  const toWrite = silver && without(without(stored, gone), silver.without);
  const file = silver && toWrite && toWrite.length > 0 ? await writeFile(silver.table, toWrite) : undefined;
  for (const column of Object.values(stored.columns)) {
    if (column instanceof PlainByteArrays) {
      column.release();
    }
  }
  const left = rowsLeft(read, gone);
  const isGone = new Set(gone);
  return {
    rows,
    lineStarts: gone.length === 0 ? starts : starts.filter((_, row) => !isGone.has(row)),
    parts: read.map(({ error }, part) => ({ rows: at(left, part), ...(error && { error }) })),
    quarantined,
    erased: gone.length + erasedLines,
    nulled,
    ...(file && { file }),
  };
}

/** Copying is much to load, so it is loaded only for a lake that keeps a copy. */
async function copy(split: Extract<Split, { kind: 'copy' }>): Promise<DecodedSplit> {
  const { copyLines } = await import('./bronze_rows.ts');
  return { ...noRows(), file: await copyLines(split) };
}

function unknownKind(split: never): never {
  throw new TypeError(`Unknown split ${JSON.stringify(split)}.`);
}

function noRows(): DecodedSplit {
  return {
    rows: emptyTable({}),
    lineStarts: new Float64Array(0),
    parts: [],
    quarantined: [],
    erased: 0,
    nulled: {},
  };
}

/** Writing Parquet is much to load, so it is loaded only for a lake. */
async function writeFile(table: string, rows: StoredTable): Promise<Add> {
  const { writeDataFile } = await import('../delta/files.ts');
  return writeDataFile(table, rows);
}

/** Removes rows, given in ascending order, from a table. */
export function without<C extends Gatherable<C>>(table: TableOf<C>, rows: Int32Array): TableOf<C> {
  if (rows.length === 0) {
    return table;
  }
  const remaining = new Int32Array(table.length - rows.length);
  let next = 0;
  let length = 0;
  for (let row = 0; row < table.length; row += 1) {
    if (rows[next] === row) {
      next += 1;
    } else {
      remaining[length] = row;
      length += 1;
    }
  }
  return gathered(table, remaining);
}

async function decodeSingleLines({
  dataset,
  landing,
  lines,
}: Extract<Split, { kind: 'lines' }>): Promise<DecodedSplit> {
  const wanted = lines.map(({ path, folder, starts }) => ({ path, folder, ranges: rangesOf(starts) }));
  const openSource = await sourcesOf(landing, wanted);
  const decoder = new Decoder(dataset);
  let rows = 0;
  for (const [i, { path, starts }] of lines.entries()) {
    const source = openSource(i);
    const reader = new LineReader(source);
    try {
      for (const start of starts) {
        rows += 1;
        decoder.decodeLine(reader.lineAt(start), () => {});
        if (decoder.length !== rows) {
          throw new Error(
            `${path} was changed while it was read: there is no event at byte ${start} any more.`,
          );
        }
      }
    } finally {
      source.close();
    }
  }
  const table = rows === 0 ? emptyTable(dataset.cleaning.schema) : decoder.take();
  return { ...noRows(), rows: table };
}

/** Lines that begin so many bytes after one another are fetched together. */
const neighbourBytes = 16 * 1024;

/** Ranges in which lines begin, ascending. */
function rangesOf(starts: Float64Array): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const start of starts) {
    const last = ranges.at(-1);
    if (last !== undefined && start - last.to < neighbourBytes) {
      last.to = start + 1;
    } else {
      ranges.push({ from: start, to: start + 1 });
    }
  }
  return ranges;
}
