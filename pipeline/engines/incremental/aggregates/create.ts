/** Maps each aggregate of the plan, by the type of its argument, to the state that computes it. */
import type { AggregateNode } from '../../../plan/relation.ts';
import { columnType, type Schema } from '../../../plan/types.ts';
import { Count } from './count.ts';
import { CountDistinct } from './count_distinct.ts';
import { Extreme } from './extreme.ts';
import { Generic } from './generic.ts';
import { Median } from './median.ts';
import type { AggregateState } from './state.ts';
import { Sum } from './sum.ts';

/** @param schema of the rows that are aggregated */
export function aggregateState(node: AggregateNode, schema: Schema): AggregateState {
  const [type] = node.arguments.map((name) => columnType(schema, name));
  const isNumber = type !== undefined && type !== 'text' && type !== 'boolean' && type !== 'array<double>';
  switch (node.function) {
    case 'count':
      return new Count();
    case 'count_distinct':
      return new CountDistinct();
    case 'sum':
      return new Sum();
    case 'min':
      return isNumber ? new Extreme(-1) : new Generic('min');
    case 'max':
      return isNumber ? new Extreme(1) : new Generic('max');
    case 'median':
      return new Median();
    default:
      return node.function satisfies never;
  }
}
