import { geo, pin } from '../pipeline/datasets/index.ts';
import { count } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';
import { descending } from '../pipeline/plan/table.ts';

export const mostPopularCategoryByCountry = query({
  name: 'most_popular_category_by_country',
  title: 'Which category is posted most in each country?',
  plan: () =>
    pin.table
      .join(geo.table, 'ind')
      .whereNotNull('country', 'category')
      .groupBy('country', 'category')
      .aggregate(() => ({ category_count: count() }))
      .topOfEach(['country'], descending('category_count'), 'category')
      .orderBy('country'),
  chart: { kind: 'map', category: 'country', value: 'category_count', series: 'category' },
});
