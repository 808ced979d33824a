/** Which plans Spark keeps by deltas: a plan of its own for each reason why it does not. */
import { describe, expect, it } from 'vitest';
import { datasets, geo, pin, user } from '../../../../pipeline/datasets/index.ts';
import { keptByDeltas, keyOf } from '../../../../pipeline/engines/spark/states/kept.ts';
import { answerFromStates } from '../../../../pipeline/engines/spark/states/state.ts';
import {
  count,
  countDistinct,
  max,
  median,
  min,
  sum,
} from '../../../../pipeline/plan/expressions/aggregates.ts';
import type { RelationNode } from '../../../../pipeline/plan/relation.ts';
import { descending } from '../../../../pipeline/plan/table.ts';
import { queries } from '../../../../queries/index.ts';

const keys = keyOf(datasets);
const kept = ({ node }: { readonly node: RelationNode }) => keptByDeltas(node, keys);
const posts = pin.table.join(geo.table, 'ind');
const counted = posts.groupBy('country').aggregate(() => ({ posts: count() }));

describe('plans kept by deltas', () => {
  it.each(queries)('are $name', ({ plan }) => {
    expect(keptByDeltas(plan, keys)).toEqual({ kept: true });
    expect(answerFromStates(plan, keys, 'states')).toBeDefined();
  });

  it('have every aggregate, several at once, and any plan above them', () => {
    const all = posts.groupBy('country', 'category').aggregate((row) => ({
      posts: count(),
      posters: countDistinct(row.poster_name, row.title),
      most: max(row.follower_count),
      least: min(row.timestamp),
      all: sum(row.follower_count),
      middle: median(row.follower_count),
    }));
    expect(kept(all)).toEqual({ kept: true });
    const above = all.groupBy('country').aggregate((row) => ({ most: max(row.posts) }));
    expect(kept(above.join(counted, 'country').orderBy('country'))).toEqual({ kept: true });
  });

  it('may rename the key below a join', () => {
    const renamed = geo.table.select((row) => ({ post: row.ind, country: row.country }));
    const pins = pin.table.select((row) => ({ post: row.ind, category: row.category }));
    const joined = pins
      .join(renamed, 'post')
      .groupBy('country')
      .aggregate(() => ({ posts: count() }));
    expect(kept(joined)).toEqual({ kept: true });
  });

  it('share the state of an aggregate that they have in common, and are not one state otherwise', () => {
    const names = (name: string) => {
      const plan = queries.find((query) => query.name === name)?.plan ?? expect.fail(name);
      return answerFromStates(plan, keys, 'states')?.states.map((state) => state.name);
    };
    expect(names('top_user_by_country')).toEqual(names('country_with_top_user'));
    const all = queries.flatMap(({ name }) => names(name) ?? []);
    expect(new Set(all).size).toBe(queries.length - 1);
  });

  it('keep all tuples of an aggregate that is also read without its top', () => {
    const largest = posts
      .groupBy('country', 'poster_name')
      .aggregate((row) => ({ most: max(row.follower_count) }));
    const top = largest.topOfEach(['country'], descending('most'), 'poster_name');
    expect(answerFromStates(top.node, keys, 'states')?.states[0]?.place).toMatch(/^row_number/);
    // The first three tuples may be of one group.
    const three = largest.topOfEach(['country'], 3, descending('most'), 'poster_name');
    expect(answerFromStates(three.node, keys, 'states')?.states[0]?.place).toBeUndefined();
    const both = top
      .select((row) => ({ country: row.country, most: row.most }))
      .join(
        largest.groupBy('country').aggregate(() => ({ posters: count() })),
        'country',
      );
    expect(answerFromStates(both.node, keys, 'states')?.states.map(({ place }) => place)).toEqual([
      undefined,
    ]);
  });
});

describe('plans computed from all rows', () => {
  const node = counted.node;
  it.each<[string, RelationNode]>([
    ['the rows themselves are the answer', pin.table.node],
    ['a part of it is made of them without an aggregate', counted.join(geo.table, 'country').node],
    [
      'a relation "distinct" lies below an aggregate',
      pin.table
        .distinct()
        .groupBy('category')
        .aggregate(() => ({ n: count() })).node,
    ],
    [
      'a relation "aggregate" lies below an aggregate',
      posts
        .join(
          user.table.groupBy('ind').aggregate(() => ({ users: count() })),
          'ind',
        )
        .groupBy('country')
        .aggregate(() => ({ n: count() })).node,
    ],
    [
      'rows are joined by age, not by the key',
      pin.table
        .select((row) => ({ age: row.ind }))
        .join(
          user.table.select((row) => ({ age: row.age })),
          'age',
        )
        .groupBy('age')
        .aggregate(() => ({ n: count() })).node,
    ],
    [
      'no state is known for the aggregate "posts" (mode)',
      { ...node, aggregates: { posts: { function: 'mode', arguments: [] } } } as unknown as RelationNode,
    ],
    [
      'no state is known for the aggregate "posts" (count)',
      {
        ...node,
        aggregates: { posts: { function: 'count', arguments: [], distinct: true } },
      } as unknown as RelationNode,
    ],
    ['a relation "join" has an unknown form', leftJoined()],
  ])('because %s', (why, plan) => {
    expect(keptByDeltas(plan, keys)).toEqual({ kept: false, why: expect.stringContaining(why) });
    expect(answerFromStates(plan, keys, 'states')).toBeUndefined();
  });
});

/** A join with a property that this version does not know. */
function leftJoined(): RelationNode {
  const { node } = counted;
  return { ...node, input: { ...posts.node, keep: 'left' } } as unknown as RelationNode;
}
