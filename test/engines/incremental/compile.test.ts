import { expect, it } from 'vitest';
import { Arena } from '../../../pipeline/columns/arena.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import { Compiler } from '../../../pipeline/engines/incremental/compile.ts';
import { LiveAnswers } from '../../../pipeline/engines/incremental/live_answers.ts';
import { queries } from '../../../queries/index.ts';
import { questions } from '../../questions/index.ts';

const question = (name: string) =>
  questions.find(({ query }) => query.name === name)?.query ?? expect.fail(name);

it('the queries are kept up to date by deltas up to their groups or the tops of these', () => {
  const compiler = new Compiler(new Arena());
  const kept = queries.map(({ name, plan }) => {
    const { tables, rest } = compiler.compile(plan);
    return [name, ...[...tables.values()].map((table) => table.constructor.name), rest.kind];
  });
  expect(kept).toEqual([
    ['most_popular_category_by_country', 'TopGroups', 'order'],
    ['most_popular_category_by_year', 'TopGroups', 'order'],
    ['top_user_by_country', 'TopRows', 'order'],
    ['country_with_top_user', 'TopRows', 'top'],
    ['most_popular_category_by_age_group', 'TopGroups', 'order'],
    ['median_followers_by_age_group', 'Aggregate', 'order'],
    ['users_joined_by_year', 'Aggregate', 'order'],
    ['median_followers_by_join_year', 'Aggregate', 'order'],
    ['median_followers_by_join_year_and_age_group', 'Aggregate', 'order'],
  ]);
});

it('rows that are kept for the rest of a plan have the columns that it reads', () => {
  const live = new LiveAnswers(
    [question('posts_without_geo'), question('countries_without_posts_in_2022')],
    runPlan,
  );
  expect(
    Object.fromEntries([...live.required].map(([name, columns]) => [name, [...columns].sort()])),
  ).toEqual({ pin: ['ind', 'title'], geo: ['country', 'ind', 'timestamp'] });
});
