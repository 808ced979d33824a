import type { GroupId, Indexes, RowIndex } from '../../columns/ids.ts';

/** The first row of each group from `before` on: ids are given in the order of rows. @param size the number of groups */
export function firstRows(groups: Indexes<GroupId>, before: number, size: number): Indexes<RowIndex> {
  const rows = new Int32Array(size - before);
  let next = before;
  for (let row = 0; row < groups.length && next < size; row += 1) {
    if (groups[row] === next) {
      rows[next - before] = row;
      next += 1;
    }
  }
  return rows;
}
