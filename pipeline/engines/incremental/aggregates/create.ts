/** Maps each aggregate of the plan, by the type of its argument, to the state that computes it. */
import type { AggregateNode } from '../../../plan/relation.ts';
import { columnType, isArrayType, type Schema } from '../../../plan/types.ts';
import { Average } from './average.ts';
import { Count } from './count.ts';
import { CountDistinct } from './count_distinct.ts';
import { CountIf } from './count_if.ts';
import { CountedDistinct } from './counted_distinct.ts';
import { Extreme } from './extreme.ts';
import { Generic } from './generic.ts';
import { Percentile } from './percentile.ts';
import { Ranked } from './ranked.ts';
import type { AggregateState } from './state.ts';
import { Sum } from './sum.ts';
import { SumOfDoubles } from './sum_of_doubles.ts';

/**
 * @param schema of the rows that are aggregated
 * @param rowsLeave false where rows only ever come: then less is kept
 */
export function aggregateState(node: AggregateNode, schema: Schema, rowsLeave: boolean): AggregateState {
  const [type] = node.arguments.map((name) => columnType(schema, name));
  const isNumber = type !== undefined && type !== 'text' && type !== 'boolean' && !isArrayType(type);
  switch (node.function) {
    case 'count':
      return new Count();
    case 'count_distinct':
      return rowsLeave ? new CountedDistinct() : new CountDistinct();
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
    case 'max':
      if (isNumber) {
        return rowsLeave
          ? new Percentile(node.function === 'min' ? 0 : 1)
          : new Extreme(sideOf(node.function));
      }
      return rowsLeave ? new Ranked(sideOf(node.function)) : new Generic(node.function);
    case 'min_by':
    case 'max_by':
      return rowsLeave ? new Ranked(sideOf(node.function)) : new Generic(node.function);
    case 'median':
      return new Percentile(0.5);
    case 'percentile':
      return new Percentile(node.fraction ?? 0);
    default:
      return node.function satisfies never;
  }
}

function sideOf(name: 'min' | 'max' | 'min_by' | 'max_by'): -1 | 1 {
  return name === 'min' || name === 'min_by' ? -1 : 1;
}
