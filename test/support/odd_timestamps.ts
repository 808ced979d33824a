/** Timestamps as programs write them, right ones and some that no calendar has, and such with a byte changed, inserted or removed. */
import fc from 'fast-check';

const part = (width: number, max: number) => fc.nat(max).map((value) => String(value).padStart(width, '0'));
const timestamps = fc
  .tuple(
    part(4, 9999),
    part(2, 13),
    part(2, 32),
    fc.constantFrom(' ', 'T'),
    part(2, 24),
    part(2, 60),
    part(2, 60),
  )
  .map(
    ([year, month, day, separator, hour, minute, second]) =>
      `${year}-${month}-${day}${separator}${hour}:${minute}:${second}`,
  );
const changedBytes = fc.constantFrom('', '0', '9', '/', ':', '-', ' ', 'T', 't', '"', 'é', '\u0000');
const changed = fc
  .tuple(timestamps, fc.nat(19), changedBytes)
  .map(([value, at, byte]) => value.slice(0, at) + byte + value.slice(at + 1));

export const oddTimestamps = fc.oneof(timestamps, changed);
