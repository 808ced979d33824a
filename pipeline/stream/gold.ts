/** Gold of the stream path: each answer as a table, overwritten when it has changed. */

import { type ColumnarTable, rowsOf } from '../columns/table.ts';
import { againOnConflict } from '../delta/conflicts.ts';
import { type DeltaOptions, overwriteDeltaTable, tablePath } from '../delta/table.ts';
import type { Query } from '../plan/query.ts';

/** Attempts to overwrite an answer that others write, too. */
const attempts = 5;

export class Gold {
  /** The JSON of each answer as it was last written. */
  private readonly written = new Map<string, string>();

  constructor(
    private readonly options: {
      readonly lake: string;
      readonly queries: readonly Query[];
      readonly tableOptions?: (path: string) => DeltaOptions;
    },
  ) {}

  /** Writes the answers that differ from those written last. @throws DeltaError */
  async write(answer: (query: Query) => ColumnarTable): Promise<void> {
    const { lake, queries, tableOptions } = this.options;
    for (const query of queries) {
      const table = answer(query);
      const content = JSON.stringify(rowsOf(table));
      if (this.written.get(query.name) !== content) {
        const path = tablePath(lake, 'stream', 'gold', query.name);
        const options = tableOptions?.(path);
        await againOnConflict(attempts, () => overwriteDeltaTable(path, table, options));
        this.written.set(query.name, content);
      }
    }
  }
}
