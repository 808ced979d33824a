/** Maps each aggregate of the plan, by the type of its argument, to the state that computes it. */
import type { AggregateNode } from '../../../plan/relation.ts';
import { columnType, isArrayType, type Schema } from '../../../plan/types.ts';
import { Average } from './average.ts';
import { Count } from './count.ts';
import { CountDistinct } from './count_distinct.ts';
import { CountIf } from './count_if.ts';
import { Extreme } from './extreme.ts';
import { Generic } from './generic.ts';
import { Percentile } from './percentile.ts';
import type { AggregateState } from './state.ts';
import { Sum } from './sum.ts';
import { SumOfDoubles } from './sum_of_doubles.ts';

/** @param schema of the rows that are aggregated */
export function aggregateState(node: AggregateNode, schema: Schema): AggregateState {
  const [type] = node.arguments.map((name) => columnType(schema, name));
  const isNumber = type !== undefined && type !== 'text' && type !== 'boolean' && !isArrayType(type);
  switch (node.function) {
    case 'count':
      return new Count();
    case 'count_distinct':
      return new CountDistinct();
    case 'count_if':
      return new CountIf();
    case 'sum':
      return new Sum();
    case 'sum_doubles':
      return new SumOfDoubles();
    case 'avg':
      return new Average(new Sum());
    case 'avg_doubles':
      return new Average(new SumOfDoubles());
    case 'min':
      return isNumber ? new Extreme(-1) : new Generic('min');
    case 'max':
      return isNumber ? new Extreme(1) : new Generic('max');
    case 'min_by':
    case 'max_by':
      return new Generic(node.function);
    case 'median':
      return new Percentile(0.5);
    case 'percentile':
      return new Percentile(node.fraction ?? 0);
    default:
      return node.function satisfies never;
  }
}
