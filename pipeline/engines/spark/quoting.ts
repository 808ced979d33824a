/** Names, values and types in Spark SQL, none of which can break out of its quotes. */
import { millisecondsInDay } from '../../plan/timestamp.ts';
import type { ColumnType, Value } from '../../plan/types.ts';

/** The Spark type of each column type. */
export const sparkTypes = {
  bigint: 'BIGINT',
  int: 'INT',
  double: 'DOUBLE',
  text: 'STRING',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  'array<double>': 'ARRAY<DOUBLE>',
  'array<text>': 'ARRAY<STRING>',
} as const satisfies Record<ColumnType, string>;

/**
 * A name in backticks. A backtick inside is doubled; nothing can be escaped.
 * @throws RangeError for a name that Spark would change before parsing: it replaces `${…}` anywhere in a statement
 */
export function identifier(name: string): string {
  if (name === '' || name.includes('${')) {
    throw new RangeError(
      `${JSON.stringify(name)} cannot be a name in Spark SQL: it is empty, or holds "\${".`,
    );
  }
  return `\`${name.replaceAll('`', '``')}\``;
}

/**
 * A string in single quotes. Quotes, backslashes and control characters are escaped, and so is `$`, because Spark
 * substitutes `${…}` before parsing. A double quote is escaped for the Python string around it.
 * Holds while `spark.sql.parser.escapedStringLiterals` is false, its default.
 */
export function stringLiteral(value: string): string {
  return `'${value.replace(/[\\'"$\p{Cc}\u2028\u2029]/gu, escaped)}'`;
}

function escaped(character: string): string {
  if (character === '\\' || character === "'" || character === '"') {
    return `\\${character}`;
  }
  const readable: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return readable[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A value of a plan as a literal of exactly its type. */
export function literalOf(type: ColumnType, value: Value): string {
  if (value === null) {
    return `CAST(NULL AS ${sparkTypes[type]})`;
  }
  if (typeof value === 'object') {
    return value.length === 0
      ? `CAST(array() AS ${sparkTypes[type]})`
      : `array(${value.map((item) => literalOf(typeof item === 'string' ? 'text' : 'double', item)).join(', ')})`;
  }
  switch (type) {
    case 'text':
      return stringLiteral(String(value));
    case 'boolean':
      return value ? 'TRUE' : 'FALSE';
    case 'int':
      return negativeInParentheses(String(value));
    case 'bigint':
      return negativeInParentheses(`${value}L`);
    case 'double':
      return negativeInParentheses(`${value}D`.replace('e+', 'E').replace('e', 'E'));
    case 'timestamp':
      return `timestamp_millis(${negativeInParentheses(`${value}L`)})`;
    case 'date':
      return `date_from_unix_date(${negativeInParentheses(String(Number(value) / millisecondsInDay))})`;
    case 'array<double>':
    case 'array<text>':
      throw new TypeError(`${JSON.stringify(value)} is not a ${type}.`);
    default:
      return unknownType(type);
  }
}

/** Parentheses prevent a comment: Spark reads `5 --3` as 5 and a comment. */
function negativeInParentheses(number: string): string {
  return number.startsWith('-') ? `(${number})` : number;
}

function unknownType(type: never): never {
  throw new TypeError(`Unknown type ${JSON.stringify(type)}.`);
}
