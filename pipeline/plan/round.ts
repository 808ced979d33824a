/**
 * Rounds a double to decimal digits behind the point, half away from zero, by its shortest decimal form as Spark does:
 * 1.005 rounds to 1.01 although the double is a little less. Negative digits round before the point.
 */
export function roundHalfAwayFromZero(number: number, digits: number): number {
  const [mantissa = '', exponent = '0'] = Math.abs(number).toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  /** The number is `units` · 10^−scale. */
  const units = whole + fraction;
  const scale = fraction.length - Number(exponent);
  if (scale <= digits) {
    return number;
  }
  const kept = units.length - (scale - digits);
  if (kept < 0) {
    return 0;
  }
  const up = Number(units[kept]) >= 5 ? 1n : 0n;
  const rounded = Number(`${BigInt(units.slice(0, kept)) + up}e${-digits}`);
  return number < 0 ? -rounded : rounded;
}
