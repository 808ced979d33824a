/** Breaks long SQL expressions over lines, so that people can read them. Only white space changes, and none in quotes. */

const widest = 100;

/** A quoted text or name, a word, white space, or any one character. */
const token = /'(?:[^'\\]|\\.)*'|`(?:[^`]|``)*`|[A-Za-z_]+|\s+|./gsu;

/** The expression as it is when it is short, else with each branch of its outermost CASEs on a line of its own. */
export function laidOut(sql: string): string {
  if (sql.length <= widest) {
    return sql;
  }
  let depth = 0;
  let laid = '';
  for (const [part] of sql.matchAll(token)) {
    const broken = depth > 0 && (part === 'WHEN' || part === 'ELSE' || part === 'END');
    if (part === 'END') depth -= 1;
    laid = broken ? `${laid.trimEnd()}\n${'  '.repeat(depth)}${part}` : laid + part;
    if (part === 'CASE') depth += 1;
  }
  return laid;
}
