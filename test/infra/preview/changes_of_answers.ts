/** Changes to queries and notebooks, each under the words that its golden preview is read by. */
import { geo, pin, user } from '../../../pipeline/datasets/index.ts';
import { atLeast, between, literal, year } from '../../../pipeline/plan/expression.ts';
import { avg, count, countDistinct, max, percentile } from '../../../pipeline/plan/expressions/aggregates.ts';
import { toDouble } from '../../../pipeline/plan/expressions/numbers.ts';
import { hour, month } from '../../../pipeline/plan/expressions/times.ts';
import { rank, shareOf } from '../../../pipeline/plan/expressions/windows.ts';
import { query } from '../../../pipeline/plan/query.ts';
import { descending } from '../../../pipeline/plan/table.ts';
import { queries } from '../../../queries/index.ts';
import { medianFollowersByJoinYear } from '../../../queries/median_followers_by_join_year.ts';
import { mostPopularCategoryByCountry } from '../../../queries/most_popular_category_by_country.ts';
import { mostPopularCategoryByYear } from '../../../queries/most_popular_category_by_year.ts';
import { usersJoinedByYear } from '../../../queries/users_joined_by_year.ts';
import { type Change, queriesWith, withQuery } from './worked_versions.ts';

const categories = () => pin.table.join(geo.table, 'ind').whereNotNull('country', 'category');
const joined = () =>
  user.table.select((row) => ({
    join_year: year(row.date_joined),
    user_name: row.user_name,
    date_joined: row.date_joined,
  }));
const followers = () =>
  pin.table
    .join(user.table, 'ind')
    .select((row) => ({ join_year: year(row.date_joined), follower_count: row.follower_count }))
    .where((row) => between(row.join_year, 2015, 2020))
    .whereNotNull('follower_count');

export const changesOfAnswers = {
  'a bound of a query is another': {
    queries: queriesWith(
      withQuery(usersJoinedByYear, {
        plan: joined()
          .where((row) => between(row.join_year, 2015, 2019))
          .whereNotNull('user_name')
          .groupBy('join_year')
          .aggregate((row) => ({ number_users_joined: countDistinct(row.user_name, row.date_joined) }))
          .orderBy('join_year').node,
      }),
    ),
  },
  'a condition is gone': {
    queries: queriesWith(
      withQuery(usersJoinedByYear, {
        plan: joined()
          .where((row) => between(row.join_year, 2015, 2020))
          .groupBy('join_year')
          .aggregate((row) => ({ number_users_joined: countDistinct(row.user_name, row.date_joined) }))
          .orderBy('join_year').node,
      }),
    ),
  },
  'two conditions change places': {
    queries: queriesWith(
      withQuery(usersJoinedByYear, {
        plan: joined()
          .whereNotNull('user_name')
          .where((row) => between(row.join_year, 2015, 2020))
          .groupBy('join_year')
          .aggregate((row) => ({ number_users_joined: countDistinct(row.user_name, row.date_joined) }))
          .orderBy('join_year').node,
      }),
    ),
  },
  'a join keeps rows without a partner': {
    queries: queriesWith(
      withQuery(mostPopularCategoryByCountry, {
        plan: pin.table
          .leftJoin(geo.table, 'ind')
          .whereNotNull('category')
          .groupBy('country', 'category')
          .aggregate(() => ({ category_count: count() }))
          .topOfEach(['country'], descending('category_count'), 'category')
          .orderBy('country').node,
      }),
    ),
  },
  'a third dataset is joined': {
    queries: queriesWith(
      withQuery(mostPopularCategoryByCountry, {
        plan: categories()
          .join(user.table, 'ind')
          .where((row) => atLeast(row.age, literal('bigint', 30)))
          .groupBy('country', 'category')
          .aggregate(() => ({ category_count: count() }))
          .topOfEach(['country'], descending('category_count'), 'category')
          .orderBy('country').node,
      }),
    ),
  },
  'ties fall the other way': {
    queries: queriesWith(
      withQuery(mostPopularCategoryByCountry, {
        plan: categories()
          .groupBy('country', 'category')
          .aggregate(() => ({ category_count: count() }))
          .topOfEach(['country'], descending('category_count'), descending('category'))
          .orderBy('country').node,
      }),
    ),
  },
  'three of each group in place of one': {
    queries: queriesWith(
      withQuery(mostPopularCategoryByCountry, {
        plan: categories()
          .groupBy('country', 'category')
          .aggregate(() => ({ category_count: count() }))
          .topOfEach(['country'], 3, descending('category_count'), 'category')
          .orderBy('country').node,
      }),
    ),
  },
  'an answer is sorted otherwise': {
    queries: queriesWith(
      withQuery(mostPopularCategoryByCountry, {
        plan: categories()
          .groupBy('country', 'category')
          .aggregate(() => ({ category_count: count() }))
          .topOfEach(['country'], descending('category_count'), 'category')
          .orderBy(descending('category_count')).node,
      }),
    ),
  },
  'a group is added': {
    queries: queriesWith(
      withQuery(mostPopularCategoryByYear, {
        plan: pin.table
          .join(geo.table, 'ind')
          .select((row) => ({
            post_year: year(row.timestamp),
            post_month: month(row.timestamp),
            category: row.category,
          }))
          .where((row) => between(row.post_year, 2018, 2022))
          .whereNotNull('category')
          .groupBy('post_year', 'post_month', 'category')
          .aggregate(() => ({ category_count: count() }))
          .topOfEach(['post_year', 'post_month'], descending('category_count'), 'category')
          .orderBy('post_year', 'post_month').node,
      }),
    ),
  },
  'a mean in place of a median': {
    queries: queriesWith(
      withQuery(medianFollowersByJoinYear, {
        plan: followers()
          .groupBy('join_year')
          .aggregate((row) => ({ median_follower_count: avg(row.follower_count) }))
          .orderBy('join_year').node,
      }),
    ),
  },
  'a window is added to an answer': {
    queries: queriesWith(
      withQuery(usersJoinedByYear, {
        plan: joined()
          .where((row) => between(row.join_year, 2015, 2020))
          .whereNotNull('user_name')
          .groupBy('join_year')
          .aggregate((row) => ({ number_users_joined: countDistinct(row.user_name, row.date_joined) }))
          .window([], 'join_year')
          .withColumns((row) => ({ share: shareOf(row.number_users_joined), place: rank() }))
          .orderBy('join_year').node,
      }),
    ),
  },
  'a column is added to an answer': {
    queries: queriesWith(
      withQuery(medianFollowersByJoinYear, {
        plan: followers()
          .groupBy('join_year')
          .aggregate((row) => ({
            median_follower_count: percentile(row.follower_count, 0.5),
            most: max(row.follower_count),
          }))
          .orderBy('join_year').node,
      }),
    ),
  },
  'a column of an answer has another name': {
    queries: queriesWith(
      withQuery(usersJoinedByYear, {
        plan: joined()
          .where((row) => between(row.join_year, 2015, 2020))
          .whereNotNull('user_name')
          .groupBy('join_year')
          .aggregate((row) => ({ users: countDistinct(row.user_name, row.date_joined) }))
          .orderBy('join_year').node,
        chart: { kind: 'bars', category: 'join_year', value: 'users' },
      }),
    ),
  },
  'a column of an answer has another type': {
    queries: queriesWith(
      withQuery(usersJoinedByYear, {
        plan: joined()
          .where((row) => between(row.join_year, 2015, 2020))
          .whereNotNull('user_name')
          .groupBy('join_year')
          .aggregate((row) => ({ users: countDistinct(row.user_name, row.date_joined) }))
          .select((row) => ({ join_year: row.join_year, number_users_joined: toDouble(row.users) }))
          .orderBy('join_year').node,
      }),
    ),
  },
  'a question is asked in other words': {
    queries: queriesWith(withQuery(usersJoinedByYear, { title: 'How many users joined in each year?' })),
  },
  'an answer is drawn as lines': {
    queries: queriesWith(
      withQuery(usersJoinedByYear, { chart: { ...usersJoinedByYear.chart, kind: 'lines' } }),
    ),
  },
  'a query is added': {
    queries: [
      ...queries,
      query({
        name: 'posts_by_hour',
        title: 'At which hours do people post?',
        plan: () =>
          geo.table
            .select((row) => ({ post_hour: hour(row.timestamp) }))
            .whereNotNull('post_hour')
            .groupBy('post_hour')
            .aggregate(() => ({ posts: count() }))
            .orderBy('post_hour'),
        chart: { kind: 'bars', category: 'post_hour', value: 'posts' },
      }),
    ],
  },
  'a query is gone': { queries: queries.filter((one) => one !== usersJoinedByYear) },
  'a query has another name': {
    queries: queries.map((one) =>
      one === usersJoinedByYear ? withQuery(one, { name: 'users_by_year' }) : one,
    ),
  },
  'the text of a notebook': {
    notebooks: (sources) => ({
      ...sources,
      pinterest_maintenance: `${sources.pinterest_maintenance}\n# Runs at night.\n`,
    }),
  },
} satisfies Record<string, Change>;
