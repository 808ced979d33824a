/** A table of a lake as a run works on it. */
import type { ColumnarTable } from '../columns/table.ts';
import {
  type Add,
  DeltaTable,
  overwriteDeltaFiles,
  overwriteDeltaTable,
  type WriteOptions,
} from '../delta/table.ts';
import type { Erasures } from '../erasures.ts';
import type { Schema } from '../plan/types.ts';
import type { HoldingTable } from './files_read.ts';

/** A Delta table at one version, −1 when it does not exist. It is read at that version, and written on top of it. */
export class OpenedTable {
  private constructor(
    readonly path: string,
    /** Undefined until there is one. */
    public table: DeltaTable | undefined,
    private version: number,
    private readonly erasures: Erasures,
  ) {}

  static async open(path: string, erasures: Erasures): Promise<OpenedTable> {
    const table = await DeltaTable.openIfExists(path);
    table?.checkWritable();
    return new OpenedTable(path, table, table?.version ?? -1, erasures);
  }

  /** The table's id and the version that it was opened at or written to; no id where there is no table. */
  async identity(): Promise<Pick<HoldingTable, 'id' | 'version'>> {
    if (this.version >= 0) {
      this.table ??= await DeltaTable.open(this.path);
    }
    return { id: this.table?.id, version: this.version };
  }

  async read(columns?: readonly string[]): Promise<ColumnarTable | undefined> {
    const { version } = this;
    return this.table?.read({ version, ...(columns === undefined ? {} : { columns }) });
  }

  /** Adds rows, and makes the table when it does not exist; without rows, an existing table stays as it is. */
  async append(rows: ColumnarTable): Promise<void> {
    if (this.version < 0) {
      await this.overwrite(rows);
    } else if (rows.length > 0) {
      const table = this.table ?? (await DeltaTable.open(this.path));
      this.version = (await table.append([rows], { readVersion: this.version })).version;
    }
  }

  async overwrite(rows: ColumnarTable): Promise<void> {
    const { version } = await overwriteDeltaTable(this.path, rows, this.overwriting);
    this.version = version;
  }

  /** Appends rows that are in data files already. */
  async appendFiles(schema: Schema, files: readonly Add[]): Promise<void> {
    if (this.version < 0) {
      await this.overwriteFiles(schema, files);
    } else if (files.length > 0) {
      const table = this.table ?? (await DeltaTable.open(this.path));
      this.version = (await table.appendFiles(schema, files, { readVersion: this.version })).version;
    }
  }

  async overwriteFiles(schema: Schema, files: readonly Add[]): Promise<void> {
    const { version } = await overwriteDeltaFiles(this.path, schema, files, this.overwriting);
    this.version = version;
  }

  /** A table that is made now has no row that was erased. */
  private get overwriting(): WriteOptions {
    const isFree = this.version < 0 && this.erasures.size > 0;
    return { readVersion: this.version, ...(isFree && { txn: this.erasures.txn }) };
  }
}
