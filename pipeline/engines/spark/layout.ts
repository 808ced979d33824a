/** Breaks long SQL expressions into lines for people. Only white space outside quotes changes. */

const maximumWidth = 100;

/** A quoted string or name, a word, white space, or any one character. */
const token = /'(?:[^'\\]|\\.)*'|`(?:[^`]|``)*`|[A-Za-z_]+|\s+|./gsu;

/** A short expression unchanged, a long one with each branch of its CASEs on its own line. */
export function laidOut(sql: string): string {
  if (sql.length <= maximumWidth) {
    return sql;
  }
  let depth = 0;
  let output = '';
  for (const [part] of sql.matchAll(token)) {
    const startsLine = depth > 0 && (part === 'WHEN' || part === 'ELSE' || part === 'END');
    if (part === 'END') {
      depth -= 1;
    }
    output = startsLine ? `${output.trimEnd()}\n${'  '.repeat(depth)}${part}` : output + part;
    if (part === 'CASE') {
      depth += 1;
    }
  }
  return output;
}
