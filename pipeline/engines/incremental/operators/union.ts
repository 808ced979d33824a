import { ProjectedDelta } from '../delta.ts';
import { OneDictionary } from './one_dictionary.ts';
import { Operator } from './operator.ts';

/** The rows of two relations that have the same columns. */
export class Union extends Operator {
  private readonly inputs: readonly Operator[];

  constructor(left: Operator, right: Operator) {
    super(left.schema, left.rowsLeave);
    this.inputs = [left, right];
    const strings = new OneDictionary();
    for (const input of this.inputs) {
      input.onDelta((delta) => {
        const columns = (name: string) => strings.column(name, delta.column(name), delta.memory);
        this.emit(new ProjectedDelta(delta, columns));
      });
    }
  }

  override require(columns: Iterable<string>): void {
    const required = [...columns];
    for (const input of this.inputs) {
      input.require(required);
    }
  }
}
