/** Copies lines of landing files into data files of `bronze/<dataset>`, as they came. Runs in worker threads. */
import { isUtf8 } from 'node:buffer';
import { emptyColumn, StringColumn } from '../columns/column.ts';
import { PlainByteArrays, viewOf } from '../columns/plain_byte_arrays.ts';
import type { Add } from '../delta/actions.ts';
import { writeDataFile } from '../delta/files.ts';
import { sourcesOf } from '../landing/byte_source.ts';
import { linesOf } from '../landing/line_ranges.ts';
import { LandingError } from '../landing/reader.ts';
import type { Schema } from '../plan/types.ts';
import { type FileSplit, wantedOf } from './splits.ts';

/**
 * A file has one row for itself, which says that it is here, and one for each line. All come in one commit, so a file is here
 * whole or not at all, also when lines of it are erased later.
 */
export const bronzeSchema = {
  /** From the landing folder. */
  file: 'text',
  /** Bytes of the file, as it was listed. */
  size: 'bigint',
  /** Time of the file's last change, in milliseconds since 1970. */
  modified: 'bigint',
  /** The byte at which the line begins in the file, once it is unpacked; null in the row of the file itself. */
  start: 'bigint',
  /** The line without its end; null where it is not UTF-8. */
  line: 'text',
  /** Such a line's bytes in Base64. */
  bytes: 'text',
} as const satisfies Schema;

const newline = 0x0a;

/** Lines to copy as they are. */
export interface CopiedLines {
  readonly landing: string;
  readonly parts: readonly FileSplit[];
  /** The path of `bronze/<dataset>`. */
  readonly table: string;
}

/** Writes a data file of lines, which no commit names yet. @throws LandingError when a file cannot be read to its end */
export async function copyLines({ landing, parts, table }: CopiedLines): Promise<Add> {
  const openSource = await sourcesOf(landing, parts.map(wantedOf));
  const rows = new BronzeRows();
  for (const [i, part] of parts.entries()) {
    try {
      const source = openSource(i);
      try {
        rows.begin(part);
        for (const { bytes, offset } of linesOf(source, part.from, part.to)) {
          rows.add(bytes, offset);
        }
      } finally {
        source.close();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LandingError(`${part.path} cannot be copied to ${table}: ${reason}`, { cause: error });
    }
  }
  return rows.write(table);
}

class BronzeRows {
  private readonly file = new StringColumn();
  private readonly size = emptyColumn('bigint');
  private readonly modified = emptyColumn('bigint');
  private readonly start = emptyColumn('bigint');
  private readonly line = PlainByteArrays.empty();
  private readonly bytes = new StringColumn();
  private part: FileSplit | undefined;
  private code = -1;

  /** Begins a part of a file; its first one brings the file's own row. */
  begin(part: FileSplit): void {
    this.part = part;
    this.code = this.file.dictionary.intern(part.path);
    if (part.from === 0) {
      this.line.addNull();
      this.bytes.add(null);
      this.addPlace(null);
    }
  }

  /** Adds whole lines of the part, the first of which begins at an offset of the file. */
  add(lines: Uint8Array, offset: number): void {
    const view = viewOf(lines);
    const isValid = isUtf8(lines);
    for (let from = 0; from < lines.length; ) {
      const found = lines.indexOf(newline, from);
      const end = found < 0 ? lines.length : found;
      if (isValid || isUtf8(lines.subarray(from, end))) {
        this.line.add(view, from, end);
        this.bytes.add(null);
      } else {
        this.line.addNull();
        this.bytes.add(Buffer.from(lines.subarray(from, end)).toString('base64'));
      }
      this.addPlace(offset + from);
      from = end + 1;
    }
  }

  async write(table: string): Promise<Add> {
    const { file, size, modified, start, line, bytes } = this;
    const columns = { file, size, modified, start, line, bytes };
    try {
      return await writeDataFile(table, { schema: bronzeSchema, columns, length: line.length });
    } finally {
      line.release();
    }
  }

  private addPlace(start: number | null): void {
    this.file.addCode(this.code);
    this.size.add(this.part?.fileSize ?? null);
    this.modified.add(this.part?.modified ?? null);
    this.start.add(start);
  }
}
