import type { ExpressionNode } from '../../../plan/expression.ts';
import type { Schema } from '../../../plan/types.ts';
import { columnsOf, expressionOf } from '../../../plan/walk.ts';
import { ProjectedDelta } from '../delta.ts';
import { Operator } from './operator.ts';

/** One expression for each column. */
export class Project extends Operator {
  constructor(
    schema: Schema,
    private readonly input: Operator,
    private readonly columns: Readonly<Record<string, ExpressionNode>>,
  ) {
    super(schema, input.rowsLeave);
    const compiled = Object.fromEntries(
      Object.keys(schema).map((name) => [name, input.evaluator.compile(expressionOf(columns, name))]),
    );
    input.onDelta((delta) => {
      this.emit(new ProjectedDelta(delta, (name) => compiled[name]?.(delta) ?? delta.column(name)));
    });
  }

  override require(columns: Iterable<string>): void {
    for (const name of columns) {
      this.input.require(columnsOf(expressionOf(this.columns, name)));
    }
  }
}
