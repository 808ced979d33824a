/**
 * Sums of doubles, rounded once from the exact sum: the order of rows changes nothing, as it would if every addition rounded.
 */
import { sqlFinite } from './functions/rules.ts';

// Indexes are within bounds: `??` only satisfies the type, and a check would slow the loops.

/** A limb holds this many bits of the sum, and takes carries in the bits above until it would be inexact. */
const limbBits = 32;
const limbSize = 2 ** limbBits;
/** Limbs from the last bit of the smallest double, 2⁻¹⁰⁷⁴, to beyond the largest double times any number of rows. */
const limbs = 68;
const lastBit = 1074;
/** Additions after which a limb could reach 2⁵³. */
const additionsBeforeCarry = 2 ** 20;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const [lowWord, highWord] = new Uint32Array(new Float64Array([1]).buffer)[1] === 0 ? [1, 0] : [0, 1];

/**
 * The exact sum of finite doubles as a long integer in units of 2⁻¹⁰⁷⁴ (R. M. Neal, "Fast exact summation using small and
 * large superaccumulators", 2015).
 */
export class ExactSum {
  private readonly limbs = new Float64Array(limbs);
  private additions = 0;

  add(value: number): void {
    if (this.additions === additionsBeforeCarry) {
      this.carry();
    }
    this.additions += 1;
    float[0] = value;
    const high = words[highWord] ?? 0;
    const low = words[lowWord] ?? 0;
    const exponent = (high >>> 20) & 0x7ff;
    const top = exponent === 0 ? high & 0xfffff : (high & 0xfffff) | 0x100000;
    const position = Math.max(exponent, 1) - 1;
    const shift = position % limbBits;
    const at = (position - shift) / limbBits;
    const sign = high >>> 31 === 1 ? -1 : 1;
    // The 53 bits fall into three limbs. Products and remainders, because a shift by 32 bits would shift by none.
    const power = 2 ** shift;
    const first = low * power;
    const second = top * power + Math.floor(first / limbSize);
    this.addTo(at, sign * (first % limbSize));
    this.addTo(at + 1, sign * (second % limbSize));
    this.addTo(at + 2, sign * Math.floor(second / limbSize));
  }

  private addTo(limb: number, value: number): void {
    this.limbs[limb] = (this.limbs[limb] ?? 0) + value;
  }

  /** Moves what is above the bits of each limb into the next; the last one keeps the sign. */
  private carry(): void {
    for (let at = 0; at + 1 < limbs; at += 1) {
      const carried = Math.floor((this.limbs[at] ?? 0) / limbSize);
      this.addTo(at, -carried * limbSize);
      this.addTo(at + 1, carried);
    }
    this.additions = 0;
  }

  /** The sum, rounded to the nearest double, ties to even; null beyond the largest double. */
  value(): number | null {
    this.carry();
    let units = 0n;
    for (let at = limbs - 1; at >= 0; at -= 1) {
      units = units * BigInt(limbSize) + BigInt(this.limbs[at] ?? 0);
    }
    const sum = units < 0n ? -scaled(-units) : scaled(units);
    return Number.isFinite(sum) ? sum + 0 : null;
  }
}

/** The double nearest to so many units of 2⁻¹⁰⁷⁴. */
function scaled(units: bigint): number {
  const bits = units.toString(2).length;
  if (bits <= 64) {
    // Rounded by the conversion alone: the product is exact.
    return Number(units) * 2 ** -lastBit;
  }
  const dropped = BigInt(bits - 64);
  const kept = units >> dropped;
  // The last of 64 bits, far below those of a double, says that there were others: no false tie.
  const sticky = kept << dropped === units ? kept : kept | 1n;
  return Number(sticky) * 2 ** (bits - 64 - lastBit);
}

/**
 * The same in Spark SQL: the parts of an expansion whose sum is exact (J. R. Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic", 1997), rounded as Python's `math.fsum` does. Values are taken from the side of a sorted list that brings the sum
 * back to 0, so that the sum is only beyond the largest double on the way when it is at the end.
 *
 * A task holds all values of a group, as for `percentile`.
 */
export function exactSumSql(column: string): string {
  const values = `array_sort(nullif(collect_list(${column}), CAST(array() AS ARRAY<DOUBLE>)))`;
  const isAbove = 'element_at(state.parts, -1) > 0D';
  const next = `IF(${isAbove}, element_at(sorted, state.first), element_at(sorted, state.last))`;
  const added = 'grown.sum + part';
  const error = `(grown.sum - (${added} - (${added} - grown.sum))) + (part - (${added} - grown.sum))`;
  const grown = `aggregate(state.parts, named_struct('sum', ${next}, 'parts', CAST(array() AS ARRAY<DOUBLE>)), (grown, part) -> named_struct('sum', ${added}, 'parts', concat(grown.parts, filter(array(${error}), error -> error <> 0D))), grown -> concat(grown.parts, array(grown.sum)))`;
  const taken = `named_struct('first', state.first + IF(${isAbove}, 1, 0), 'last', state.last - IF(${isAbove}, 0, 1), 'parts', ${grown})`;
  const parts = `aggregate(sorted, named_struct('first', 1, 'last', -1, 'parts', array(0D)), (state, value) -> ${taken}, state -> reverse(state.parts))`;
  const isExact = 'total.rest = 0D';
  const step = `named_struct('sum', IF(${isExact}, total.sum + part, total.sum), 'rest', IF(${isExact}, part - (total.sum + part - total.sum), total.rest), 'below', IF(${isExact} OR total.below <> 0D, total.below, part))`;
  // A rest of half a unit is a tie only if nothing lies below it.
  const away = 'total.sum + 2D * total.rest';
  const rounded = `IF(signum(total.rest) * signum(total.below) > 0D AND ${away} - total.sum = 2D * total.rest, ${away}, total.sum)`;
  // Spark copies the state of a fold at each step, so the list is no part of it.
  const rounding = `aggregate(${parts}, named_struct('sum', 0D, 'rest', 0D, 'below', 0D), (total, part) -> ${step}, total -> ${rounded})`;
  const sum = `transform(array(${values}), sorted -> ${rounding})[0]`;
  // Beyond the largest double, the errors of additions are no numbers.
  return sqlFinite(`nullif(${sum}, double('NaN'))`);
}
