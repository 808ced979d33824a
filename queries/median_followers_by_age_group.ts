import { pin, user } from '../pipeline/datasets/index.ts';
import { median } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';
import { ageGroup } from './age_group.ts';

export const medianFollowersByAgeGroup = query({
  name: 'median_followers_by_age_group',
  title: 'What is the median follower count in each age group?',
  plan: () =>
    pin.table
      .join(user.table, 'ind')
      .select((row) => ({ age_group: ageGroup(row.age), follower_count: row.follower_count }))
      .whereNotNull('age_group', 'follower_count')
      .groupBy('age_group')
      .aggregate((row) => ({ median_follower_count: median(row.follower_count) }))
      .orderBy('age_group'),
  chart: { kind: 'bars', category: 'age_group', value: 'median_follower_count' },
});
