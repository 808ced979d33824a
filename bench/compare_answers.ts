/** Whether two contestants gave the same answers, and if not, where they first differ. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

const answersByQuery = z.record(z.string(), z.array(z.record(z.string(), z.unknown())));

/** Nothing when all rows of all queries are the same, in the same order; else one line for the first difference. */
export function differenceOf(expected: unknown, found: unknown): string | undefined {
  const [wanted, given] = [answersByQuery.parse(expected), answersByQuery.parse(found)];
  for (const [query, rows] of Object.entries(wanted)) {
    const theirs = given[query];
    if (theirs === undefined) {
      return `${query} is not answered`;
    }
    const at = rows.findIndex((row, index) => !isDeepStrictEqual(row, theirs[index]));
    if (at >= 0) {
      return `${query}, row ${at + 1}: ${JSON.stringify(theirs[at])} instead of ${JSON.stringify(rows[at])}`;
    }
    if (theirs.length !== rows.length) {
      return `${query} has ${theirs.length} rows instead of ${rows.length}`;
    }
  }
  return undefined;
}
