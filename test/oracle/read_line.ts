/** The oracle's reader of one line: raw fields, and the numbers in them. */

/** A number as written: 1.0 is not an integer, which JSON.parse would hide. */
class NumberToken {
  constructor(readonly number: string) {}
}

/** The raw fields of a line, or the reason for its quarantine. */
export function readLine(
  line: string,
  key: string,
): Record<string, unknown> | 'malformed_json' | 'missing_key' {
  try {
    JSON.parse(line);
  } catch {
    return 'malformed_json';
  }
  if (!/^[ \t\r\n]*\{/.test(line)) {
    return 'malformed_json';
  }
  let [depth, deepest, withinLimits] = [0, 0, true];
  // Prefixes strings and names with s, and turns numbers into strings with the prefix n.
  const marked = line.replace(
    /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[-+.\deE]*|[[\]{}]/g,
    (token, isName?: string) => {
      if (token.startsWith('"')) {
        withinLimits &&= isName === undefined || JSON.parse(token.slice(0, -isName.length)).length <= 50_000;
        return `"s${token.slice(1)}`;
      }
      if (/[-\d]/.test(token)) {
        withinLimits &&= token.length <= 1000;
        return `"n${token}"`;
      }
      depth += '[{'.includes(token) ? 1 : -1;
      deepest = Math.max(deepest, depth);
      return token;
    },
  );
  if (!withinLimits || deepest > 500) {
    return 'malformed_json';
  }
  const fields = Object.fromEntries(
    Object.entries(JSON.parse(marked)).map(([name, value]) => [
      name.slice(1),
      typeof value !== 'string'
        ? value
        : value.startsWith('n')
          ? new NumberToken(value.slice(1))
          : value.slice(1),
    ]),
  );
  return integer(fields[key]) === null ? 'missing_key' : fields;
}

export function integer(value: unknown): number | null {
  if (!(value instanceof NumberToken) || !/^-?\d+$/.test(value.number)) {
    return null;
  }
  const exact = BigInt(value.number);
  return exact <= 9007199254740991n && exact >= -9007199254740991n ? Number(exact) : null;
}

export function double(value: unknown): number | null {
  const number = value instanceof NumberToken ? Number(value.number) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}
