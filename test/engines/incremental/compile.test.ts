import { expect, it } from 'vitest';
import { Arena } from '../../../pipeline/columns/arena.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import { Compiler } from '../../../pipeline/engines/incremental/compile.ts';
import { LiveAnswers } from '../../../pipeline/engines/incremental/live_answers.ts';
import { queries } from '../../../queries/index.ts';
import { questions } from '../../questions/index.ts';

const question = (name: string) =>
  questions.find(({ query }) => query.name === name)?.query ?? expect.fail(name);

it.each([
  [false, 'TopGroups', 'TopRows'],
  [true, 'RankedGroups', 'RankedRows'],
])(
  'the queries are kept up to date by deltas up to their groups or the tops of these: rows leave: %s',
  (rowsLeave, groups, rows) => {
    const compiler = new Compiler(new Arena(), rowsLeave);
    const kept = queries.map(({ name, plan }) => {
      const { tables, rest } = compiler.compile(plan);
      return [name, ...[...tables.values()].map((table) => table.constructor.name), rest.kind];
    });
    expect(kept).toEqual([
      ['most_popular_category_by_country', groups, 'order'],
      ['most_popular_category_by_year', groups, 'order'],
      ['top_user_by_country', rows, 'order'],
      ['country_with_top_user', rows, 'top'],
      ['most_popular_category_by_age_group', groups, 'order'],
      ['median_followers_by_age_group', 'Aggregate', 'order'],
      ['users_joined_by_year', 'Aggregate', 'order'],
      ['median_followers_by_join_year', 'Aggregate', 'order'],
      ['median_followers_by_join_year_and_age_group', 'Aggregate', 'order'],
    ]);
  },
);

it('rows that are kept for the rest of a plan have the columns that it reads', () => {
  const live = new LiveAnswers(
    [question('posts_without_geo'), question('countries_without_posts_in_2022')],
    runPlan,
  );
  expect(
    Object.fromEntries([...live.required].map(([name, columns]) => [name, [...columns].sort()])),
  ).toEqual({ pin: ['ind', 'title'], geo: ['country', 'ind', 'timestamp'] });
});
