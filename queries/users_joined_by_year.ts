import { user } from '../pipeline/datasets/index.ts';
import { between, year } from '../pipeline/plan/expression.ts';
import { countDistinct } from '../pipeline/plan/expressions/aggregates.ts';
import { query } from '../pipeline/plan/query.ts';

export const usersJoinedByYear = query({
  name: 'users_joined_by_year',
  title: 'How many users joined in each year from 2015 to 2020?',
  plan: () =>
    user.table
      .select((row) => ({
        join_year: year(row.date_joined),
        user_name: row.user_name,
        date_joined: row.date_joined,
      }))
      .where((row) => between(row.join_year, 2015, 2020))
      .whereNotNull('user_name')
      .groupBy('join_year')
      .aggregate((row) => ({ number_users_joined: countDistinct(row.user_name, row.date_joined) }))
      .orderBy('join_year'),
  chart: { kind: 'bars', category: 'join_year', value: 'number_users_joined' },
});
