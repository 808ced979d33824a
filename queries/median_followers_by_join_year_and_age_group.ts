import { pin, user } from '../pipeline/datasets/index.ts';
import { between, year } from '../pipeline/plan/expression.ts';
import { median } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';
import { ageGroup } from './age_group.ts';

export const medianFollowersByJoinYearAndAgeGroup = query({
  name: 'median_followers_by_join_year_and_age_group',
  title: 'What is the median follower count by joining year, 2015 to 2020, and age group?',
  plan: () =>
    pin.table
      .join(user.table, 'ind')
      .select((row) => ({
        join_year: year(row.date_joined),
        age_group: ageGroup(row.age),
        follower_count: row.follower_count,
      }))
      .where((row) => between(row.join_year, 2015, 2020))
      .whereNotNull('age_group', 'follower_count')
      .groupBy('join_year', 'age_group')
      .aggregate((row) => ({ median_follower_count: median(row.follower_count) }))
      .orderBy('join_year', 'age_group'),
  chart: {
    kind: 'lines',
    category: 'join_year',
    value: 'median_follower_count',
    series: 'age_group',
  },
});
