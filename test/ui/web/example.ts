/** The contents of a report, with many countries and names that try to escape from the HTML. */

import { countries as countriesOfPosts } from '../../../emulator/generator/vocabulary.ts';
import type { Row } from '../../../pipeline/columns/table.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import type { ReportContents } from '../../../pipeline/ui/web/report.ts';
import { queries } from '../../../queries/index.ts';

export const nastyNames = [
  `O'Hara "the <b>pin</b>" & co`,
  '</script><script>document.title = "taken over"</script>',
  '<img src=x onerror="document.title = \'taken over\'">',
  '👩‍👩‍👧 家族 {b} {a|c} $& $1',
  'a name without any end '.repeat(8).trim(),
];

const names = [...nastyNames, ...countriesOfPosts];

/** Names of the emulator, and on both sides of them names that no country has. */
export const countries = Array.from({ length: 200 }, (_, index) => names[index] ?? `Country ${index}`);
const categories = ['art', 'mens-fashion', 'home-decor', 'event-planning', 'travel'];
const ages = ['18-24', '25-35', '36-50', '50+'];
const years = [2015, 2016, 2017, 2018, 2019, 2020];

const cycled = (values: readonly string[], index: number): string => values[index % values.length] ?? '';

const rows: Readonly<Record<string, readonly Row[]>> = {
  most_popular_category_by_country: countries.map((country, index) => ({
    country,
    category: cycled(categories, index),
    category_count: 1_234_567 - index * 1_009,
  })),
  most_popular_category_by_year: [2018, 2019, 2020, 2021, 2022].map((post_year, index) => ({
    post_year,
    category: cycled(categories, index),
    category_count: 12_345 + 3_210 * index,
  })),
  top_user_by_country: countries.map((country, index) => ({
    country,
    poster_name: cycled(nastyNames, index),
    follower_count: Math.round(9_007_199_254 / (index + 1)),
  })),
  country_with_top_user: [
    { country: 'Côte d’Ivoire', poster_name: nastyNames[1] ?? '', follower_count: 9_007_199_254 },
  ],
  most_popular_category_by_age_group: ages.map((age_group, index) => ({
    age_group,
    category: cycled(categories, index + 2),
    category_count: 40_000 - 9_000 * index,
  })),
  median_followers_by_age_group: ages.map((age_group, index) => ({
    age_group,
    median_follower_count: 99_000.5 / (index + 1),
  })),
  users_joined_by_year: years.map((join_year, index) => ({
    join_year,
    number_users_joined: 100_500 - index * 11_111,
  })),
  median_followers_by_join_year: years.map((join_year, index) => ({
    join_year,
    median_follower_count: 1_500_000 / (index + 1),
  })),
  median_followers_by_join_year_and_age_group: years.flatMap((join_year, year) =>
    ages
      .filter((_, index) => year !== 2 || index !== 1)
      .map((age_group, index) => ({
        join_year,
        age_group,
        median_follower_count: 250_000 / (1 + year) + index * 31_000,
      })),
  ),
};

export function rowsOfAnswer({ name }: Query): readonly Row[] {
  return rows[name] ?? [];
}

export const example: ReportContents = {
  answers: queries.map((query) => ({ query, rows: rowsOfAnswer(query) })),
  summary: {
    datasets: [
      {
        name: 'pin',
        read: 1_000_010,
        kept: 999_000,
        repeated: 1_000,
        quarantined: { malformed_json: 7, missing_key: 3 },
        erased: 0,
        nulled: { 'follower_count = follower_count(follower_count)': 12_345 },
        known: 0,
      },
      {
        name: 'geo',
        read: 1_000_000,
        kept: 999_000,
        repeated: 1_000,
        quarantined: { malformed_json: 0, missing_key: 0 },
        erased: 0,
        nulled: {},
        known: 0,
      },
      {
        name: 'user',
        read: 1_000_000,
        kept: 999_000,
        repeated: 1_000,
        quarantined: { malformed_json: 0, missing_key: 0 },
        erased: 0,
        nulled: {},
        known: 0,
      },
    ],
    files: 1_234,
    filesBefore: 0,
    seconds: 8.127,
    warnings: [
      'topics/pin/partition=0/pin+0+<1>.json could not be read to its end, and its rest is missing here: EIO',
    ],
  },
  generatedAt: new Date('2026-01-02T03:04:05Z'),
};
