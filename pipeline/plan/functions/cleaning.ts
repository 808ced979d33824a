/** Functions that clean the fields of an event. */
import { parseFollowerCount } from '../follower_count.ts';
import { parseUtcTimestamp } from '../timestamp.ts';
import { blanks, type ScalarFunction, strict } from './rules.ts';

export const cleaning = {
  blank_to_null: strict(
    'blank_to_null',
    ['text'],
    'text',
    (text) => (/[^ \t\n\r]/.test(text) ? text : null),
    // From the left alone, which ends at the first character that is none: trimming both sides goes through the whole text.
    (text) => `CASE WHEN trim(LEADING ${blanks} FROM ${text}) <> '' THEN ${text} END`,
  ),

  starts_with: strict(
    'starts_with',
    ['text', 'text'],
    'boolean',
    (text, prefix) => text.startsWith(prefix),
    (text, prefix) => `startswith(${text}, ${prefix})`,
  ),

  remove_prefix: strict(
    'remove_prefix',
    ['text', 'text'],
    'text',
    (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
    (text, prefix) =>
      `CASE WHEN startswith(${text}, ${prefix}) THEN substring(${text}, char_length(${prefix}) + 1) WHEN NOT startswith(${text}, ${prefix}) THEN ${text} END`,
  ),

  follower_count: strict('follower_count', ['text'], 'bigint', parseFollowerCount, (text) => {
    const wellFormed = String.raw`${text} RLIKE '\\A[ \\t\\n\\r]*[0-9]+([.][0-9]+)?[kKmMbB]?[ \\t\\n\\r]*\\z'`;
    const whole = `regexp_extract(${text}, '[0-9]+', 0)`;
    const fraction = `regexp_extract(${text}, '[.]([0-9]+)', 1)`;
    const zeros = `CASE lower(regexp_extract(${text}, '[kKmMbB]', 0)) WHEN 'k' THEN 3 WHEN 'm' THEN 6 WHEN 'b' THEN 9 ELSE 0 END`;
    const followers = `try_cast(concat(${whole}, left(concat(${fraction}, '000000000'), ${zeros})) AS BIGINT)`;
    // A value that is too large or not a BIGINT (`least` ignores nulls) becomes 2⁵³, and 2⁵³ becomes null.
    return `CASE WHEN ${wellFormed} THEN nullif(least(${followers}, 9007199254740992), 9007199254740992) END`;
  }),

  parse_timestamp: strict('parse_timestamp', ['text'], 'timestamp', parseUtcTimestamp, (text) => {
    const wellFormed = String.raw`${text} RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z'`;
    return `CASE WHEN ${wellFormed} AND left(${text}, 4) <> '0000' THEN try_cast(${text} AS TIMESTAMP) END`;
  }),
} satisfies Record<string, ScalarFunction>;
