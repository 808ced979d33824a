/** Values of cells as a case writes them. */
import { parseUtcTimestamp, timestampText } from '../plan/timestamp.ts';
import type { ColumnType, Value } from '../plan/types.ts';

/** A value as YAML gives it, integers being exact. */
export type Written = null | boolean | number | bigint | string | readonly Written[];

/** The value of a cell. @throws RangeError that says what the type takes */
export function cellValue(type: ColumnType, written: Written): Value {
  if (written === null) {
    return null;
  }
  const value = readers[familyOf(type)](written, type);
  if (value === undefined) {
    throw new RangeError(`must be ${forms[familyOf(type)]}, not ${shown(written)}`);
  }
  return value;
}

/** The value of a cell as a case writes it, and as tables of differences show it. */
export function cellText(type: ColumnType, value: Value): string {
  if (value === null) {
    return 'null';
  }
  if (typeof value === 'number' && type === 'timestamp') {
    return timestampText(value);
  }
  if (typeof value === 'number' && type === 'date') {
    return timestampText(value).slice(0, 10);
  }
  return typeof value === 'string' ? value : Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

type Family = 'integer' | 'double' | 'text' | 'boolean' | 'timestamp' | 'date' | 'list';

function familyOf(type: string): Family {
  if (type.startsWith('array<')) {
    return 'list';
  }
  switch (type) {
    case 'bigint':
    case 'int':
      return 'integer';
    case 'double':
    case 'text':
    case 'boolean':
    case 'timestamp':
    case 'date':
      return type;
    default:
      throw new TypeError(`Cases have no form for values of type ${type}.`);
  }
}

const forms: Readonly<Record<Family, string>> = {
  integer: 'an integer within ±(2⁵³−1)',
  double: 'a number',
  text: 'text (in quotes, where YAML reads something else)',
  boolean: 'true or false',
  timestamp: "a time as '2020-02-29 23:59:59'",
  date: "a date as '2020-02-29'",
  list: 'a list, such as [1.5, -2]',
};

const readers: Readonly<Record<Family, (written: Written, type: ColumnType) => Value | undefined>> = {
  integer: (written) =>
    typeof written === 'bigint' && Number.isSafeInteger(Number(written)) ? Number(written) : undefined,
  double: (written) => {
    const number = typeof written === 'bigint' ? Number(written) : written;
    return typeof number === 'number' && Number.isFinite(number) ? number + 0 : undefined;
  },
  text: (written) => (typeof written === 'string' && !/\p{Surrogate}/u.test(written) ? written : undefined),
  boolean: (written) => (typeof written === 'boolean' ? written : undefined),
  timestamp: (written) =>
    typeof written === 'string' ? (parseUtcTimestamp(written) ?? undefined) : undefined,
  date: (written) =>
    typeof written === 'string' ? (parseUtcTimestamp(`${written} 00:00:00`) ?? undefined) : undefined,
  list: (written, type) => {
    const read = type === 'array<double>' ? readers.double : readers.text;
    const items = Array.isArray(written) ? written.map((item) => read(item, type)) : [undefined];
    const numbers = items.filter((item) => typeof item === 'number');
    const texts = items.filter((item) => typeof item === 'string');
    return [numbers, texts].find(({ length }) => length === items.length);
  },
};

function shown(written: Written): string {
  return typeof written === 'bigint' ? String(written) : JSON.stringify(written);
}
