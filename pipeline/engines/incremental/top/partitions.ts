import { StringColumn } from '../../../columns/column.ts';
import { ensureCapacity } from '../../../columns/ensure_capacity.ts';
import { KeyGroupIds } from '../../../columns/group_ids/keys.ts';
import type { GroupId, Indexes } from '../../../columns/ids.ts';
import { compareValues } from '../../../plan/order.ts';
import type { SortKey } from '../../../plan/relation.ts';
import type { Aggregate } from '../operators/aggregate.ts';

// Rows and groups are within bounds: `??` only satisfies the type, and a check would slow the loops over rows.

/** Id of a partition: of the groups that are equal in the columns of a top. */
type PartitionId = number & { readonly kind?: 'partition id' };

/** The partition of each group of an aggregate. */
export class Partitions {
  private readonly ids = new KeyGroupIds();
  private idOfGroup: Indexes<PartitionId> = new Int32Array(16);
  /** The number of groups whose partition is known. */
  private assigned = 0;

  constructor(
    private readonly groups: Aggregate,
    private readonly by: readonly string[],
  ) {}

  get size(): number {
    return Math.max(1, this.ids.size);
  }

  of(group: GroupId): PartitionId {
    return this.idOfGroup[group] ?? 0;
  }

  /** Finds the partition of each new group. */
  assign(): void {
    const from = this.assigned;
    const to = this.groups.size;
    this.idOfGroup = ensureCapacity(this.idOfGroup, to);
    if (this.by.length > 0) {
      const columns = this.by.map((name) => this.groups.keyColumn(name).slice(from, to));
      this.idOfGroup.set(this.ids.intern(columns), from);
    }
    this.assigned = to;
  }
}

/** Tells if a group comes before another. */
export function orderOfGroups(
  groups: Aggregate,
  order: readonly SortKey[],
): (a: GroupId, b: GroupId) => boolean {
  const comparisons = order.map((key) => comparison(groups, key));
  return (a, b) => {
    for (const compare of comparisons) {
      const result = compare(a, b);
      if (result !== 0) {
        return result < 0;
      }
    }
    return false;
  };
}

function comparison(groups: Aggregate, { column, descending }: SortKey): (a: GroupId, b: GroupId) => number {
  if (!groups.isKey(column) || groups.schema[column] !== 'text') {
    const cell = groups.cellsOf(column);
    return (a, b) => compareValues(cell(a), cell(b), descending);
  }
  // A group's id is the row of its keys.
  return (a: number, b: number) => {
    const strings = groups.keyColumn(column);
    if (strings instanceof StringColumn && strings.codeAt(a) === strings.codeAt(b)) {
      return 0;
    }
    return compareValues(strings.at(a), strings.at(b), descending);
  };
}
