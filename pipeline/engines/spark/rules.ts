import { createHash } from 'node:crypto';
import type { Dataset } from '../../plan/dataset.ts';
import { decodeSql } from './decode_sql.ts';
import { planSql } from './plan_sql.ts';

/** To be raised when one engine is mended that read lines or cleaned rows in another way than the definition says. */
const rulesVersion = 1;

/**
 * A fingerprint of what a dataset's lines mean: when it changes, landing files that were read have to be read again. It
 * is one for all engines, so that a lake can be written by one after the other. The SQL says all of a definition: fields,
 * key, reading of lines, cleaning, and what each function means.
 */
export function rulesFingerprint(dataset: Dataset): string {
  const decode = decodeSql(dataset, { lines: 'lines', origin: ['file'] });
  const clean = planSql(dataset.cleaning.node);
  return createHash('sha256')
    .update(JSON.stringify([rulesVersion, decode, clean]))
    .digest('hex');
}
