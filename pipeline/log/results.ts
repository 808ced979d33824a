/** The outcome of an append as a whole. */

import type { AppendResult } from './log.ts';

/** @throws LogError the first record's, when there are records and none was taken */
export function takenOrThrow(results: readonly AppendResult[]): readonly AppendResult[] {
  const [first] = results;
  if (first && 'error' in first && results.every((result) => 'error' in result)) {
    throw first.error;
  }
  return results;
}
