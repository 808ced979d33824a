import { createHash } from 'node:crypto';
import type { Dataset } from '../../plan/dataset.ts';
import { carefulDecodeSql } from './decode_sql.ts';
import { type SparkForms, sparkForms } from './expression.ts';
import { planSql } from './plan_sql.ts';

/** Raised by hand when an engine is fixed that read lines or cleaned rows differently from the definition. */
const rulesVersion = 1;

/** Functions in the words that fingerprints were made of first: other words for the same must change none. */
const firstForms: SparkForms = {
  ...sparkForms,
  functions: {
    ...sparkForms.functions,
    blank_to_null: {
      spark: (text) => String.raw`CASE WHEN trim(BOTH ' \t\n\r' FROM ${text}) <> '' THEN ${text} END`,
    },
  },
};

/**
 * A fingerprint of the meaning of a dataset's lines. When it changes, all landing files have to be read again. All
 * engines use the same one, so that they can write a lake in turn. The SQL covers the whole definition: fields, key,
 * reading of lines, cleaning, and the meaning of each function.
 */
export function rulesFingerprint(dataset: Dataset): string {
  const decode = carefulDecodeSql(dataset, { lines: 'lines', origin: ['file'] });
  const clean = planSql(dataset.cleaning.node, { forms: firstForms });
  return createHash('sha256')
    .update(JSON.stringify([rulesVersion, decode, clean]))
    .digest('hex');
}

/** The fingerprint of the rules, then those of the same rules in other words. */
export function knownRules(dataset: Dataset): readonly [present: string, ...former: string[]] {
  const present = rulesFingerprint(dataset);
  const same = dataset.sameRules.includes(present) ? dataset.sameRules : [];
  return [present, ...same.filter((rules) => rules !== present)];
}
