import { ArrayColumn, type Column, NumberColumn, StringColumn } from '../../../columns/column.ts';
import type { RelationNode } from '../../../plan/relation.ts';
import { type Delta, ExplodedDelta } from '../delta.ts';
import { Operator } from './operator.ts';

/** One row for each element of an array. */
export class Explode extends Operator {
  constructor(
    private readonly input: Operator,
    private readonly node: Extract<RelationNode, { kind: 'explode' }>,
  ) {
    super(node.schema, input.rowsLeave);
    input.require([node.column]);
    input.onDelta((delta) => this.emit(this.exploded(delta)));
  }

  override require(columns: Iterable<string>): void {
    this.input.require([...columns].filter((name) => name !== this.node.as));
  }

  private exploded(delta: Delta): Delta {
    const arrays = delta.column(this.node.column);
    if (!(arrays instanceof ArrayColumn)) {
      throw new TypeError(`The column "${this.node.column}" is of ${arrays.type}, which has no elements.`);
    }
    const lists = Array.from({ length: delta.length }, (_, row) => arrays.elementsAt(row));
    const elements = new Float64Array(lists.reduce((sum, list) => sum + (list?.length ?? 0), 0));
    const rows = new Int32Array(elements.length);
    let filled = 0;
    for (const [row, list = new Float64Array(0)] of lists.entries()) {
      elements.set(list, filled);
      rows.fill(row, filled, filled + list.length);
      filled += list.length;
    }
    return new ExplodedDelta(delta, rows, this.node.as, elementColumn(arrays, elements));
  }
}

function elementColumn({ dictionary }: ArrayColumn, elements: Float64Array): Column {
  return dictionary === undefined
    ? new NumberColumn('double', elements)
    : new StringColumn(dictionary, Int32Array.from(elements));
}
