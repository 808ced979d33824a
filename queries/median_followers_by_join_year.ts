import { pin, user } from '../pipeline/datasets/index.ts';
import { between, year } from '../pipeline/plan/expression.ts';
import { median } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';

export const medianFollowersByJoinYear = query({
  name: 'median_followers_by_join_year',
  title: 'What is the median follower count of users by the year in which they joined, 2015 to 2020?',
  plan: () =>
    pin.table
      .join(user.table, 'ind')
      .select((row) => ({ join_year: year(row.date_joined), follower_count: row.follower_count }))
      .where((row) => between(row.join_year, 2015, 2020))
      .whereNotNull('follower_count')
      .groupBy('join_year')
      .aggregate((row) => ({ median_follower_count: median(row.follower_count) }))
      .orderBy('join_year'),
  chart: { kind: 'lines', category: 'join_year', value: 'median_follower_count' },
});
