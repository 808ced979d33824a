import { largestInteger } from './types.ts';

const countPattern = /^[ \t\n\r]*([0-9]+)(?:\.([0-9]+))?([kmb]?)[ \t\n\r]*$/i;

const zerosOfSuffix: Readonly<Record<string, number>> = { '': 0, k: 3, m: 6, b: 9 };

/**
 * Parses a count as people write it: ASCII digits, optionally a point and digits, optionally k, M or B.
 * The digits are shifted, never multiplied: `1.15k` is 1150, and a fraction of a follower is cut off, not rounded.
 * @returns followers, or null for anything else and for more than 2⁵³−1
 */
export function parseFollowerCount(text: string): number | null {
  const match = countPattern.exec(text);
  if (match === null) {
    return null;
  }
  const [, whole = '', fraction = '', suffix = ''] = match;
  const zeros = zerosOfSuffix[suffix.toLowerCase()] ?? 0;
  const followers = Number(whole + fraction.slice(0, zeros).padEnd(zeros, '0'));
  return followers <= largestInteger ? followers : null;
}
