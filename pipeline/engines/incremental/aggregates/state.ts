/**
 * Aggregates of many groups at once: the state of a group lies in arrays at the group's id. The plan's table of aggregates
 * says what they mean; its own form is used for types that have none here.
 */
import type { Allocator } from '../../../columns/allocator.ts';
import type { Column } from '../../../columns/column.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import type { AggregateNode } from '../../../plan/relation.ts';
import { columnType, type Schema, type Value } from '../../../plan/types.ts';
import { Count } from './count.ts';
import { CountDistinct } from './count_distinct.ts';
import { Extreme } from './extreme.ts';
import { Generic } from './generic.ts';
import { Median } from './median.ts';
import { Sum } from './sum.ts';

/** One aggregate of all groups. */
export interface AggregateState {
  /**
   * Takes rows: the group of each, and the aggregate's arguments.
   * @param size the number of groups so far
   * @param memory for arrays that are not needed after the call
   */
  add(groups: Indexes<GroupId>, columns: readonly Column[], size: number, memory: Allocator): void;
  value(group: GroupId): Value;
}

/** @param schema of the rows that are aggregated */
export function aggregateState(node: AggregateNode, schema: Schema): AggregateState {
  const [type] = node.arguments.map((name) => columnType(schema, name));
  const isNumber = type === 'bigint' || type === 'int' || type === 'double' || type === 'timestamp';
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
