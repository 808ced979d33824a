import { describe, expect, it } from 'vitest';
import type { Query } from '../../../pipeline/plan/query.ts';
import { maximumBars } from '../../../pipeline/ui/web/bar_chart.ts';
import { chartOfAnswer } from '../../../pipeline/ui/web/charts.ts';
import { type Colours, dark, light } from '../../../pipeline/ui/web/colours.ts';
import { queries } from '../../../queries/index.ts';
import { medianFollowersByJoinYearAndAgeGroup } from '../../../queries/median_followers_by_join_year_and_age_group.ts';
import { countryWithTopUser, topUserByCountry } from '../../../queries/top_user_by_country.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { countries, rowsOfAnswer } from './example.ts';

const optionOf = (query: Query, rows = rowsOfAnswer(query)) => chartOfAnswer(query, rows, light).option;

describe('a chart of an answer', () => {
  it.each(queries.map((query) => [query.name, query] as const))('of %s is plain data', (_, query) => {
    const option = optionOf(query);
    expect(JSON.parse(JSON.stringify(option))).toEqual(option);
  });

  it('draws years as upright columns, with separators in values but not in years', () => {
    const option = optionOf(usersJoinedByYear, [
      { join_year: 2015, number_users_joined: 1234 },
      { join_year: 2016, number_users_joined: 5 },
    ]);
    expect(option).toMatchObject({
      xAxis: { type: 'category', data: ['2015', '2016'] },
      series: [
        {
          type: 'bar',
          data: [
            { name: '2015', value: 1234, label: { formatter: '1,234' } },
            { name: '2016', value: 5, label: { formatter: '5' } },
          ],
        },
      ],
    });
  });

  it('draws horizontal bars when the labels of columns would touch', () => {
    const rows = rowsOfAnswer(usersJoinedByYear).map((row) => ({
      ...row,
      number_users_joined: 1_234_567_890,
    }));
    expect(optionOf(usersJoinedByYear, rows)).toMatchObject({ yAxis: { type: 'category', inverse: true } });
  });

  it('draws only the largest of many bars in descending order, and says how many are left out', () => {
    const rows = rowsOfAnswer(topUserByCountry).toReversed();
    const { option, leftOut } = chartOfAnswer(topUserByCountry, rows, light);
    expect(option).toMatchObject({ yAxis: { data: countries.slice(0, maximumBars) } });
    expect(leftOut).toBe('The 20 largest of 200 are drawn; the table has them all.');
  });

  it('keeps few bars in the order of the rows', () => {
    const rows = [
      { country: 'Albania', poster_name: 'a', follower_count: 1 },
      { country: 'Zambia', poster_name: 'b', follower_count: 2 },
    ];
    const { option, leftOut } = chartOfAnswer(topUserByCountry, rows, light);
    expect(option).toMatchObject({ yAxis: { data: ['Albania', 'Zambia'] } });
    expect(leftOut).toBeUndefined();
  });

  it('draws a line for each series, with a gap where it has no value', () => {
    const option = optionOf(medianFollowersByJoinYearAndAgeGroup, [
      { join_year: 2015, age_group: '18-24', median_follower_count: 10.5 },
      { join_year: 2015, age_group: '50+', median_follower_count: 20 },
      { join_year: 2016, age_group: '50+', median_follower_count: 30 },
    ]);
    expect(option).toMatchObject({
      xAxis: { data: ['2015', '2016'] },
      series: [
        { type: 'line', name: '18-24', data: [10.5, null] },
        { type: 'line', name: '50+', data: [20, 30] },
      ],
    });
  });

  it('keeps ECharts from reading braces in names as a template', () => {
    const option = optionOf(countryWithTopUser, [{ country: '{b}', poster_name: '{c}', follower_count: 7 }]);
    expect(option).toMatchObject({
      series: [{ data: [{ name: '{b} · {c}', label: { formatter: '{\u2060b} · {\u2060c}  7' } }] }],
    });
  });

  it('draws no point for an empty answer or a null value', () => {
    expect(optionOf(usersJoinedByYear, [])).toMatchObject({ series: [{ data: [] }] });
    expect(optionOf(usersJoinedByYear, [{ join_year: 2015, number_users_joined: null }])).toMatchObject({
      series: [{ data: [] }],
    });
  });

  it('describes its first six points in words', () => {
    expect(
      chartOfAnswer(topUserByCountry, rowsOfAnswer(topUserByCountry).slice(190), light).description,
    ).toMatch(
      /^Bar chart: Who has the most followers in each country\? Follower count by country\. Country 190, .*; and 4 more\. The table below has all numbers\.$/,
    );
  });
});

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('the %s colours', (_, colours: Colours) => {
  it('have a contrast of 4.5 : 1 for text and 3 : 1 for lines and bars', () => {
    for (const text of [colours.text, colours.muted]) {
      expect(contrast(text, colours.surface)).toBeGreaterThanOrEqual(4.5);
    }
    for (const series of colours.series) {
      expect(contrast(series, colours.surface)).toBeGreaterThanOrEqual(3);
    }
  });
});

/** WCAG 2.2's contrast ratio of two colours written `#rrggbb`. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
