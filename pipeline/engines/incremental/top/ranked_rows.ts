import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import type { RowIndex } from '../../../columns/ids.ts';
import { type ColumnarTable, columnarTable } from '../../../columns/table.ts';
import { CountedRows } from '../counted_rows.ts';
import { type Delta, FilteredDelta } from '../delta.ts';
import type { AggregateRelation } from '../operators/aggregate.ts';
import type { Operator } from '../operators/operator.ts';
import type { TopRelation } from './top_groups.ts';
import { columnsOfRows, compareCells } from './top_rows.ts';
import { Firsts } from './tournament.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** The row of each group with the largest number, as in `TopRows`, where rows come and leave. */
export class RankedRows {
  private readonly groupIds = new KeyGroupIds();
  /** By column of the result, the column of the rows. */
  private readonly columns: ReadonlyMap<string, string>;
  private readonly rows: CountedRows;
  private readonly firsts = new Firsts((a, b) => this.comesBefore(a, b));

  /** @param number the column of numbers, `largestFirst` of the plan */
  constructor(
    input: Operator,
    private readonly node: TopRelation,
    aggregate: AggregateRelation,
    number: string,
  ) {
    this.columns = columnsOfRows(node, aggregate, number);
    this.rows = new CountedRows(input.schema);
    this.rows.retain(this.columns.values());
    input.require(this.columns.values());
    input.onDelta((delta) => this.take(delta));
  }

  get table(): ColumnarTable {
    const rows = this.firsts.all;
    const columns = [...this.columns].map(([name, source]) => [name, this.rows.column(source).gather(rows)]);
    return columnarTable(this.node.schema, Object.fromEntries(columns));
  }

  private take(delta: Delta): void {
    const { rows, turned } = this.rows.change(delta);
    const groups = this.groupsOf(new FilteredDelta(delta, turned));
    for (const [i, row] of turned.entries()) {
      this.firsts.change(rows[row] ?? 0, groups[i] ?? 0, delta.change > 0);
    }
  }

  private groupsOf(delta: Delta): Int32Array {
    const columns = this.node.by.map((name) => delta.column(name));
    return columns.length === 0 ? new Int32Array(delta.length) : this.groupIds.intern(columns, delta.memory);
  }

  private comesBefore(a: RowIndex, b: RowIndex): boolean {
    for (const { column, descending } of this.node.order) {
      const cells = this.rows.column(this.columns.get(column) ?? column);
      const result = compareCells(cells, a, cells, b, descending);
      if (result !== 0) {
        return result < 0;
      }
    }
    return false;
  }
}
