import type { ExpressionNode } from '../../../plan/expression.ts';
import { columnsOf } from '../../../plan/walk.ts';
import { FilteredDelta } from '../delta.ts';
import { Operator } from './operator.ts';
import { Predicate } from './predicate.ts';

/** The rows for which a condition is true. */
export class Filter extends Operator {
  constructor(
    private readonly input: Operator,
    condition: ExpressionNode,
  ) {
    super(input.schema, input.rowsLeave, input.evaluator);
    input.require(columnsOf(condition));
    const predicate = new Predicate(condition, input.evaluator);
    input.onDelta((delta) => {
      const rows = predicate.select(delta);
      this.emit(rows.length === delta.length ? delta : new FilteredDelta(delta, rows));
    });
  }

  override require(columns: Iterable<string>): void {
    this.input.require(columns);
  }
}
