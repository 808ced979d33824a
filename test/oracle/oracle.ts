/**
 * An independent computation of the answers: plain objects, one event at a time, directly from the written rules.
 * It shares only names with the product, and is slow on purpose.
 */
import { Buffer } from 'node:buffer';
import { double, integer, readLine } from './read_line.ts';

type Cell = string | number | null | readonly number[];
export type OracleRow = Readonly<Record<string, Cell>>;

/** A string that is not blank, with `?` for unpaired surrogates. */
function text(value: unknown): string | null {
  if (typeof value !== 'string' || /^[ \t\n\r]*$/.test(value)) {
    return null;
  }
  return [...value].map((c) => (c.length === 1 && c >= '\ud800' && c <= '\udfff' ? '?' : c)).join('');
}

function except(value: string | null, ...unknown: readonly string[]): string | null {
  return value !== null && unknown.includes(value) ? null : value;
}

function followers(value: unknown): number | null {
  const match = /^[ \t\n\r]*(\d+)(?:\.(\d+))?([kKmMbB])?[ \t\n\r]*$/.exec(
    typeof value === 'string' ? value : '',
  );
  if (match === null) {
    return null;
  }
  const fraction = match[2] ?? '';
  const scale = 10n ** BigInt({ k: 3, m: 6, b: 9 }[(match[3] ?? '').toLowerCase()] ?? 0);
  const exact = (BigInt(match[1] + fraction) * scale) / 10n ** BigInt(fraction.length);
  return exact <= 9007199254740991n ? Number(exact) : null;
}

function time(value: unknown): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/.exec(
    typeof value === 'string' ? value : '',
  );
  if (match === null) {
    return null;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (year === 0 || day === 0 || day > (days[month - 1] ?? 0) || hour > 23 || minute > 59 || second > 59) {
    return null;
  }
  return Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`);
}

const cleaners: Readonly<Record<string, (raw: Record<string, unknown>) => OracleRow>> = {
  pin: (raw) => {
    const description = text(raw.description);
    const place = typeof raw.save_location === 'string' ? raw.save_location : null;
    const prefix = 'Local save in ';
    return {
      ind: integer(raw.index),
      unique_id: text(raw.unique_id),
      title: except(text(raw.title), 'No Title Data Available'),
      description: description?.startsWith('No description available') ? null : description,
      follower_count: followers(raw.follower_count),
      poster_name: except(text(raw.poster_name), 'User Info Error'),
      tag_list: except(text(raw.tag_list), 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e'),
      is_image_or_video: text(raw.is_image_or_video),
      image_src: except(text(raw.image_src), 'Image src error', 'Image src error.'),
      save_location: text(place?.startsWith(prefix) ? place.slice(prefix.length) : place),
      category: text(raw.category),
    };
  },
  geo: (raw) => {
    const latitude = double(raw.latitude);
    const longitude = double(raw.longitude);
    const inRange =
      latitude !== null && longitude !== null && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    const noSign = (degrees: number) => (degrees === 0 ? 0 : degrees);
    return {
      ind: integer(raw.ind),
      country: text(raw.country),
      coordinates: inRange ? [noSign(latitude), noSign(longitude)] : null,
      timestamp: time(raw.timestamp),
    };
  },
  user: (raw) => {
    const names = [text(raw.first_name), text(raw.last_name)].filter((name) => name !== null);
    return {
      ind: integer(raw.ind),
      user_name: names.length > 0 ? names.join(' ') : null,
      age: integer(raw.age),
      date_joined: time(raw.date_joined),
    };
  },
};

export interface Cleaned {
  readonly silver: Record<string, OracleRow[]>;
  readonly quarantine: Record<string, { text: string; reason: string }[]>;
}

/** The cleaned row of a line, or the reason for its quarantine. */
export function cleanLine(dataset: string, line: string): OracleRow | 'malformed_json' | 'missing_key' {
  const raw = readLine(line, dataset === 'pin' ? 'index' : 'ind');
  const cleaner = cleaners[dataset];
  if (cleaner === undefined) {
    throw new Error(`There is no dataset ${dataset}.`);
  }
  return typeof raw === 'string' ? raw : cleaner(raw);
}

/** Cleans lines by dataset. @returns distinct rows in any order, and quarantined lines */
export function cleanLines(lines: Readonly<Record<string, readonly string[]>>): Cleaned {
  const silver: Record<string, OracleRow[]> = {};
  const quarantine: Record<string, { text: string; reason: string }[]> = {};
  for (const [dataset, given] of Object.entries(lines)) {
    const rows = new Map<string, OracleRow>();
    const bad: { text: string; reason: string }[] = [];
    for (const line of given) {
      const row = cleanLine(dataset, line);
      if (typeof row === 'string') {
        bad.push({ text: line, reason: row });
      } else {
        rows.set(JSON.stringify(row), row);
      }
    }
    silver[dataset] = [...rows.values()];
    quarantine[dataset] = bad;
  }
  return { silver, quarantine };
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const yearOf = (ms: unknown) => (typeof ms === 'number' ? new Date(ms).getUTCFullYear() : null);
const within = (value: Cell | undefined, from: number, to: number) =>
  typeof value === 'number' && value >= from && value <= to;

function ageGroup(age: unknown): string | null {
  if (typeof age !== 'number' || age < 18) {
    return null;
  }
  return age < 25 ? '18-24' : age < 36 ? '25-35' : age < 51 ? '36-50' : '50+';
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = 0, high = 0] = Number.isInteger(half)
    ? [sorted[half - 1], sorted[half]]
    : [sorted[half - 0.5], sorted[half - 0.5]];
  return low / 2 + high / 2;
}

function groups<T>(
  items: readonly T[],
  keyOf: (item: T) => readonly Cell[],
): { key: readonly Cell[]; items: T[] }[] {
  const found = new Map<string, { key: readonly Cell[]; items: T[] }>();
  for (const item of items) {
    const key = keyOf(item);
    const group = found.get(JSON.stringify(key)) ?? { key, items: [] };
    group.items.push(item);
    found.set(JSON.stringify(key), group);
  }
  const compare = (a: Cell, b: Cell) =>
    typeof a === 'number' ? a - Number(b) : byBytes(String(a), String(b));
  return [...found.values()].sort(
    (a, b) => a.key.map((cell, i) => compare(cell, b.key[i] ?? null)).find((c) => c !== 0) ?? 0,
  );
}

/** The nine tables over cleaned rows. */
export function nineAnswers({
  pin = [],
  geo = [],
  user = [],
}: Record<string, OracleRow[]>): Record<string, OracleRow[]> {
  const with_ = (other: readonly OracleRow[]) => {
    const byKey = new Map(groups(other, (row) => [row.ind ?? null]).map(({ key, items }) => [key[0], items]));
    return pin.flatMap((post) => (byKey.get(post.ind ?? null) ?? []).map((row) => ({ ...row, ...post })));
  };
  const posts = with_(geo).map((row): OracleRow => ({ ...row, post_year: yearOf(row.timestamp) }));
  const posters = with_(user).map(
    (row): OracleRow => ({
      ...row,
      age_group: ageGroup(row.age),
      join_year: yearOf(row.date_joined),
    }),
  );
  const known = (row: OracleRow, ...columns: readonly string[]) =>
    columns.every((column) => row[column] !== null);

  const popular = (rows: readonly OracleRow[], by: string) =>
    groups(
      rows.filter((row) => known(row, by, 'category')),
      (row) => [row[by] ?? null],
    ).map(({ key, items }) => {
      const counted = groups(items, (row) => [row.category ?? null]);
      const most = Math.max(...counted.map((group) => group.items.length));
      const [first] = counted.filter((group) => group.items.length === most);
      return { [by]: key[0] ?? null, category: first?.key[0] ?? null, category_count: most };
    });

  const medians = (rows: readonly OracleRow[], ...by: readonly string[]) =>
    groups(
      rows.filter((row) => known(row, 'follower_count', ...by)),
      (row) => by.map((name) => row[name] ?? null),
    ).map(({ key, items }) => ({
      ...Object.fromEntries(by.map((name, i) => [name, key[i] ?? null])),
      median_follower_count: median(items.map((row) => Number(row.follower_count))),
    }));

  const top = groups(
    posts.filter((row) => known(row, 'country', 'poster_name', 'follower_count')),
    (row) => [row.country ?? null],
  ).map(({ key, items }) => {
    const most = Math.max(...items.map((row) => Number(row.follower_count)));
    const [name] = items
      .filter((row) => row.follower_count === most)
      .map((row) => String(row.poster_name))
      .sort(byBytes);
    return { country: key[0] ?? null, poster_name: name ?? null, follower_count: most };
  });
  const most = Math.max(...top.map((row) => row.follower_count));
  const joined = posters.filter((row) => within(row.join_year, 2015, 2020));
  const members = user
    .map((row): OracleRow => ({ ...row, join_year: yearOf(row.date_joined) }))
    .filter((row) => within(row.join_year, 2015, 2020) && known(row, 'user_name'));
  return {
    most_popular_category_by_country: popular(posts, 'country'),
    most_popular_category_by_year: popular(
      posts.filter((row) => within(row.post_year, 2018, 2022)),
      'post_year',
    ),
    top_user_by_country: top,
    country_with_top_user: top.filter((row) => row.follower_count === most).slice(0, 1),
    most_popular_category_by_age_group: popular(posters, 'age_group'),
    median_followers_by_age_group: medians(posters, 'age_group'),
    users_joined_by_year: groups(members, (row) => [row.join_year ?? null]).map(({ key, items }) => ({
      join_year: key[0] ?? null,
      number_users_joined: groups(items, (row) => [row.user_name ?? null, row.date_joined ?? null]).length,
    })),
    median_followers_by_join_year: medians(joined, 'join_year'),
    median_followers_by_join_year_and_age_group: medians(joined, 'join_year', 'age_group'),
  };
}
