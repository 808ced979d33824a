/** Gold of the stream way: each answer as a table, written anew when it has changed. */
import { DeltaConflictError } from '../lake/delta_error.ts';
import { overwriteDeltaTable, tablePath } from '../lake/delta_table.ts';
import type { Query } from '../plan/query.ts';
import { type ColumnarTable, rowsOf } from '../table/columnar_table.ts';

/** Others who write the same answer are let go first so many times. */
const attempts = 5;

export class Gold {
  /** Each answer as it was last written. */
  private readonly written = new Map<string, string>();

  constructor(
    private readonly lake: string,
    private readonly queries: readonly Query[],
  ) {}

  /** Writes the answers that differ from those written last. @throws DeltaError */
  async write(answer: (query: Query) => ColumnarTable): Promise<void> {
    for (const query of this.queries) {
      const table = answer(query);
      const content = JSON.stringify(rowsOf(table));
      if (this.written.get(query.name) !== content) {
        await overwrite(tablePath(this.lake, 'stream', 'gold', query.name), table);
        this.written.set(query.name, content);
      }
    }
  }
}

async function overwrite(path: string, table: ColumnarTable): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await overwriteDeltaTable(path, table);
      return;
    } catch (error) {
      if (!(error instanceof DeltaConflictError) || attempt === attempts) {
        throw error;
      }
    }
  }
}
