/**
 * Decodes lines of JSON into raw fields or a reason for quarantine, in Spark SQL. Spark 4.0 gets some line wrong without
 * any one of the clauses: see docs/decisions/spark-decode.md.
 */
import type { Dataset, RawType } from '../../plan/dataset.ts';
import { lineLimits } from '../../plan/line_limits.ts';
import { plainLine, plainLineBytes } from './plain_line.ts';
import { identifier, sparkTypes, stringLiteral } from './quoting.ts';

const blanks = String.raw`' \t\n\r'`;

export interface DecodeOptions {
  /** The relation of the lines, in SQL. Its column `text` may hold invalid UTF-8. */
  readonly lines: string;
  /** Its columns that identify the origin of a line. */
  readonly origin: readonly string[];
}

type DecodedDataset = Pick<Dataset, 'name' | 'raw' | 'key'>;

/**
 * A query with the columns of each line's origin, `text`, `is_plain`, `reason` (null for an event) and the struct `raw` with the
 * dataset's raw fields. Needs `spark.sql.variant.allowDuplicateKeys`.
 *
 * A line of the shape that programs write is read with types, any other as `carefulDecodeSql` reads it, with the same outcome. A plain
 * line is an event, which `is_plain` tells before the line is parsed.
 */
export function decodeSql(dataset: DecodedDataset, options: DecodeOptions): string {
  const { origin, innerOrigin } = originSql(options);
  const typed = Object.entries(dataset.raw).map(([name, type]) => `${identifier(name)} ${sparkTypes[type]}`);
  const fields = Object.entries(dataset.raw).map(([name, type]) => {
    const plain = `\`plain\`.${identifier(name)}${type === 'double' ? ' + 0.0D' : ''}`;
    return `      ${stringLiteral(name)}, CASE WHEN \`is_plain\` THEN ${plain} ELSE ${fieldSql(name, type)} END`;
  });
  return `WITH
\`valid_lines\` AS (
  SELECT
${innerOrigin}    make_valid_utf8(\`text\`) AS \`text\`
  FROM ${options.lines}
),
\`shaped_lines\` AS (
  SELECT
${innerOrigin}    \`text\`,
    octet_length(\`text\`) <= ${plainLineBytes} AND \`text\` RLIKE ${stringLiteral(plainLine(dataset))} AS \`is_plain\`
  FROM \`valid_lines\`
),
\`lines\` AS (
  SELECT
${innerOrigin}    \`text\`,
    \`is_plain\`,
    CASE WHEN NOT \`is_plain\` THEN trim(BOTH ${blanks} FROM \`text\`) END AS \`object\`
  FROM \`shaped_lines\`
),
\`parsed_lines\` AS (
  SELECT
${innerOrigin}    \`text\`,
    \`is_plain\`,
    \`read\`.\`plain\`,
    \`read\`.\`parsed\`,
    md5(\`object\`) AS \`end\`
  FROM \`lines\`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once, and in one way.
  LATERAL VIEW explode(array(named_struct(
    'plain', CASE WHEN \`is_plain\` THEN from_json(\`text\`, ${stringLiteral(typed.join(', '))}) END,
    'parsed', ${parsedSql(dataset, ['WHEN `is_plain` THEN NULL'])}
  ))) AS \`read\`
),
\`typed_lines\` AS (
  SELECT
${innerOrigin}    \`text\`,
    \`is_plain\`,
    (\`is_plain\` OR ${wellFormed}) AS \`well_formed\`,
    named_struct(
${fields.join(',\n')}
    ) AS \`raw\`
  FROM \`parsed_lines\`
)
${outcomeSql(dataset, `${origin}  \`is_plain\`,\n`)}`;
}

/** The same for any line whatever. Fingerprints of rules are made of this text. */
export function carefulDecodeSql(dataset: DecodedDataset, options: DecodeOptions): string {
  const { origin, innerOrigin } = originSql(options);
  const fields = Object.entries(dataset.raw).map(
    ([name, type]) => `      ${stringLiteral(name)}, ${fieldSql(name, type)}`,
  );
  return `WITH
\`lines\` AS (
  SELECT
${innerOrigin}    make_valid_utf8(\`text\`) AS \`text\`,
    trim(BOTH ${blanks} FROM make_valid_utf8(\`text\`)) AS \`object\`
  FROM ${options.lines}
),
\`parsed_lines\` AS (
  SELECT
${innerOrigin}    \`text\`,
    \`parsed\`,
    md5(\`object\`) AS \`end\`
  FROM \`lines\`
  -- A filter on what was parsed is not moved below this, so that Spark parses each line once.
  LATERAL VIEW explode(array(
    ${parsedSql(dataset)}
  )) AS \`parsed\`
),
\`typed_lines\` AS (
  SELECT
${innerOrigin}    \`text\`,
    (${wellFormed}) AS \`well_formed\`,
    named_struct(
${fields.join(',\n')}
    ) AS \`raw\`
  FROM \`parsed_lines\`
)
${outcomeSql(dataset, origin)}`;
}

function originSql(options: DecodeOptions) {
  const origin = options.origin.map((name) => `  ${identifier(name)},\n`).join('');
  return { origin, innerOrigin: origin.replaceAll('  `', '    `') };
}

const wellFormed = '`parsed`.`end` <=> `end` AND `parsed`.`value` IS NOT NULL';

/** The VARIANTs of a line's fields, and what stands behind its value. */
function parsedSql({ raw }: DecodedDataset, first: readonly string[] = []): string {
  const variants = Object.keys(raw)
    .map((name) => `${identifier(name)} VARIANT`)
    .join(', ');
  return [
    'CASE',
    ...first.map((branch) => `      ${branch}`),
    `      WHEN octet_length(\`object\`) > ${lineLimits.bytes} THEN NULL`,
    "      WHEN json_array_length(concat('[', `object`, ']')) <=> 1",
    `        AND ${isWithinLimits('`object`')}`,
    '      THEN from_json(',
    `        concat('{"value":', \`object\`, ',"end":"', md5(\`object\`), '"}'),`,
    `        ${stringLiteral(`\`value\` STRUCT<${variants}>, \`end\` STRING`)},`,
    "        map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')",
    '      )',
    '    END',
  ].join('\n');
}

function outcomeSql({ key }: DecodedDataset, origin: string): string {
  return `SELECT
${origin}  \`text\`,
  CASE
    WHEN NOT \`well_formed\` THEN 'malformed_json'
    WHEN \`raw\`.${identifier(key)} IS NULL THEN 'missing_key'
  END AS \`reason\`,
  \`raw\`
FROM \`typed_lines\``;
}

/**
 * Whether an object is nested no deeper, and its numbers are no longer, than allowed. Only lines with very many
 * brackets, or with a long run of what numbers are made of, are looked at closely: without what is in quotes.
 * Spark's reader counts only the digits of a number.
 */
function isWithinLimits(object: string): string {
  const { depth, numberCharacters } = lineLimits;
  const withoutEscapes = String.raw`regexp_replace(${object}, '(?s)\\\\.', '')`;
  const unquoted = `regexp_replace(${withoutEscapes}, '"[^"]*"', '')`;
  const longNumber = `'(?<![-+.0-9eE])[-+.0-9eE]{${numberCharacters + 1}}'`;
  const brackets = String.raw`translate(regexp_replace(${unquoted}, '[^\\[\\]{}]', ''), '{}', '[]')`;
  const fewBrackets = `char_length(${object}) - char_length(translate(${object}, '[{', '')) <= ${depth}`;
  // Removing the innermost pairs takes away one level.
  const shallow = `aggregate(sequence(1, ${depth}), ${brackets}, (pairs, level) -> replace(pairs, '[]', '')) = ''`;
  return `(
          char_length(${object}) <= ${Math.min(2 * depth, numberCharacters)}
          OR (${fewBrackets} OR ${shallow})
          AND (${object} NOT RLIKE ${longNumber} OR ${unquoted} NOT RLIKE ${longNumber})
        )`;
}

function fieldSql(name: string, type: RawType): string {
  return valueSql(`\`parsed\`.\`value\`.${identifier(name)}`, type);
}

/** The value of a field when its JSON has the field's type, else null. */
function valueSql(variant: string, type: RawType): string {
  const value = `try_cast(${variant} AS ${sparkTypes[type]})`;
  const kind = `schema_of_variant(${variant})`;
  switch (type) {
    case 'bigint':
      return `CASE WHEN ${kind} = 'BIGINT' AND ${value} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${value} END`;
    case 'double':
      // Adding 0 turns −0 into 0.
      return `CASE WHEN ${kind} RLIKE '^(BIGINT|DECIMAL|DOUBLE)' AND abs(${value}) <= 1.7976931348623157E308D THEN ${value} + 0.0D END`;
    case 'text':
      return `CASE WHEN ${kind} = 'STRING' THEN ${value} END`;
    default:
      return unknownType(type);
  }
}

function unknownType(type: never): never {
  throw new TypeError(`Unknown raw type ${JSON.stringify(type)}.`);
}
