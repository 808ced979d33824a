/**
 * The loops over lines, compiled into one module with one memory: `npm run wasm` makes lines.wasm of them, which is kept beside
 * it; a test holds that both are the same.
 */
export {
  ends,
  lineStarts,
  mostCells,
  mostRows,
  numbers,
  plan,
  planBytes,
  starts,
  window,
  windowBytes,
} from './cells';
export { laid, laidEnds, layOut, passes } from './plain_byte_arrays';
export { hasLongNumbers, rows, scanLines } from './scan_lines';
export {
  clearTable,
  codes,
  codesOf,
  hashOf,
  mostTables,
  remember,
  tableBytes,
  tables,
  unknown,
} from './string_cache';
export { timestamps, timestampsOf } from './timestamps';
