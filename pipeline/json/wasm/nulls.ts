/** Counts the nulls of a field. */
import { numbers, starts } from './cells';

/** Counts the rows in which a string is null. @param width the number of fields */
export function countNullStrings(width: i32, field: i32, rows: i32): i32 {
  let nulls = 0;
  let cell = starts + ((field as usize) << 2);
  for (let row = 0; row < rows; row += 1, cell += (width as usize) << 2) {
    nulls += (load<u32>(cell) >> 31) as i32;
  }
  return nulls;
}

/** Counts the rows in which a number is null. @param width the number of fields */
export function countNullNumbers(width: i32, field: i32, rows: i32): i32 {
  let nulls = 0;
  let cell = numbers + ((field as usize) << 3);
  for (let row = 0; row < rows; row += 1, cell += (width as usize) << 3) {
    nulls += F64.isNaN(load<f64>(cell)) ? 1 : 0;
  }
  return nulls;
}
