import { geo, pin } from '../pipeline/datasets/index.ts';
import { between, year } from '../pipeline/plan/expression.ts';
import { count } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';
import { descending } from '../pipeline/plan/table.ts';

export const mostPopularCategoryByYear = query({
  name: 'most_popular_category_by_year',
  title: 'Which category was posted most in each year from 2018 to 2022?',
  plan: () =>
    pin.table
      .join(geo.table, 'ind')
      .select((row) => ({ post_year: year(row.timestamp), category: row.category }))
      .where((row) => between(row.post_year, 2018, 2022))
      .whereNotNull('category')
      .groupBy('post_year', 'category')
      .aggregate(() => ({ category_count: count() }))
      .topOfEach(['post_year'], descending('category_count'), 'category')
      .orderBy('post_year'),
  chart: { kind: 'bars', category: 'post_year', value: 'category_count', series: 'category' },
});
