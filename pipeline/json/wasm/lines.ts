/** The loops over lines, one module with one memory. `npm run wasm` compiles lines.wasm, and a test holds it equal to its source. */
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
export { countNullNumbers, countNullStrings } from './nulls';
export { encoded, encodedEnds, encodePlain, passes } from './plain_byte_arrays';
export { hasLongNumbers, rows, scanLines } from './scan_lines';
export {
  clearTable,
  codes,
  hashOf,
  lookUpCodes,
  missingRows,
  mostTables,
  remember,
  tableBytes,
  tables,
} from './string_cache';
export { parseTimestamps, timestamps } from './timestamps';
