/** Compares the answers of two contestants. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

const answersByQuery = z.record(z.string(), z.array(z.record(z.string(), z.unknown())));

/** One line on the first difference; undefined when all rows of all queries are the same, in the same order. */
export function differenceOf(expected: unknown, found: unknown): string | undefined {
  const [expectedAnswers, foundAnswers] = [answersByQuery.parse(expected), answersByQuery.parse(found)];
  for (const [query, rows] of Object.entries(expectedAnswers)) {
    const theirs = foundAnswers[query];
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
