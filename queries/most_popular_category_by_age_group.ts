import { pin, user } from '../pipeline/datasets/index.ts';
import { count } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';
import { descending } from '../pipeline/plan/table.ts';
import { ageGroup } from './age_group.ts';

export const mostPopularCategoryByAgeGroup = query({
  name: 'most_popular_category_by_age_group',
  title: 'Which category is posted most in each age group?',
  plan: () =>
    pin.table
      .join(user.table, 'ind')
      .select((row) => ({ age_group: ageGroup(row.age), category: row.category }))
      .whereNotNull('age_group', 'category')
      .groupBy('age_group', 'category')
      .aggregate(() => ({ category_count: count() }))
      .topOfEach(['age_group'], descending('category_count'), 'category')
      .orderBy('age_group'),
  chart: { kind: 'bars', category: 'age_group', value: 'category_count', series: 'category' },
});
