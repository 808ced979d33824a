import { geo, pin } from '../pipeline/datasets/index.ts';
import { max } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';
import { descending } from '../pipeline/plan/table.ts';

/** The poster with the highest follower count in each country. */
const topUsers = () =>
  pin.table
    .join(geo.table, 'ind')
    .whereNotNull('country', 'poster_name', 'follower_count')
    .groupBy('country', 'poster_name')
    .aggregate((row) => ({ follower_count: max(row.follower_count) }))
    .topOfEach(['country'], descending('follower_count'), 'poster_name');

export const topUserByCountry = query({
  name: 'top_user_by_country',
  title: 'Who has the most followers in each country?',
  plan: () => topUsers().orderBy('country'),
  chart: { kind: 'map', category: 'country', value: 'follower_count', series: 'poster_name' },
});

export const countryWithTopUser = query({
  name: 'country_with_top_user',
  title: 'In which country is the user with the most followers?',
  plan: () => topUsers().topOfEach([], descending('follower_count'), 'country', 'poster_name'),
  chart: { kind: 'bars', category: 'country', value: 'follower_count', series: 'poster_name' },
});
