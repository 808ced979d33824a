/**
 * The part of regular expressions that JavaScript and Java read alike, and that neither can spend forever or run out of stack
 * on: characters, classes, `\d \w`, `.` (any but `\n`), `^`, `$` (the very end), `|`, `* + ? {n,m}` after one character or
 * class, and groups, which only `?` may follow. Left out are `\s` and `\b` (Java's know fewer blanks and more letters),
 * repeated groups (Java recurses for each turn), back references, looking around, and flags.
 */
import { PlanError } from './types.ts';

const escaped = String.raw`\\[\\^$.|?*+()[\]{}\/dDwWnrt]`;
const token = new RegExp(
  [
    String.raw`(?<group>\((?:\?:)?)`,
    String.raw`(?<end>\))`,
    `(?<one>${escaped}|\\[\\^?(?:${escaped}|\\\\-|[^\\\\[\\]])+\\]|\\.|[^\\\\^$.|?*+()[\\]{}])`,
    String.raw`(?<repeat>(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??)`,
    '(?<rest>[|^$])',
  ].join('|'),
  'uy',
);

/** A pattern in the form that plans hold and Java reads, and the number of its capturing groups. */
export interface CheckedPattern {
  readonly java: string;
  readonly groups: number;
}

/** @throws PlanError that shows where the pattern leaves the common part */
export function checkedPattern(pattern: string): CheckedPattern {
  let java = '';
  let groups = 0;
  let last: 'one' | 'end' | 'none' = 'none';
  token.lastIndex = 0;
  for (let at = 0; at < pattern.length; at = token.lastIndex) {
    const found = token.exec(pattern);
    if (found === null) {
      throw refused(pattern, at);
    }
    const [text] = found;
    const { group, end, one, repeat } = found.groups ?? {};
    if (repeat !== undefined && (last === 'none' || (last === 'end' && repeat !== '?'))) {
      throw refused(pattern, at);
    }
    // Java reads `&&` in a class as an intersection.
    if (one?.startsWith('[') && one.includes('&&')) {
      throw refused(pattern, at);
    }
    groups += group === '(' ? 1 : 0;
    last = one === undefined ? (end === undefined ? 'none' : 'end') : 'one';
    java +=
      text === '.' ? String.raw`[^\n]` : text === '$' ? String.raw`\z` : text === '^' ? String.raw`\A` : text;
  }
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    throw new PlanError(`/${pattern}/ is not a regular expression: ${String(error)}`, { cause: error });
  }
  return { java, groups };
}

function refused(pattern: string, at: number): PlanError {
  return new PlanError(
    `/${pattern}/ has ${JSON.stringify(pattern.slice(at, at + 10))} at position ${at}, which JavaScript and Java do not read ` +
      'alike. Use characters, classes, \\d, \\w, ., ^, $, |, groups that only ? follows, and * + ? {n,m} after one character.',
  );
}

const compiled = new Map<string, RegExp>();

/** The JavaScript form of a pattern in Java's. */
export function regularExpression(java: string): RegExp {
  const known = compiled.get(java);
  if (known !== undefined) {
    return known;
  }
  const source = java.replace(/\\([\s\S])/g, (sequence, character) =>
    character === 'z' ? '$' : character === 'A' ? '^' : sequence,
  );
  const made = new RegExp(source, 'u');
  compiled.set(java, made);
  return made;
}
