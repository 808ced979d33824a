/**
 * Mistakes that TypeScript refuses, each with the reason that it gives, and the types of what it accepts.
 * `npm run typecheck` sees that each is refused, and types.test.ts that it is for the reason written here.
 */
import { dataset } from '../../pipeline/plan/dataset.ts';
import * as e from '../../pipeline/plan/expression.ts';
import * as a from '../../pipeline/plan/expressions/aggregates.ts';
import * as r from '../../pipeline/plan/expressions/arrays.ts';
import * as w from '../../pipeline/plan/expressions/windows.ts';
import { query } from '../../pipeline/plan/query.ts';
import * as t from '../../pipeline/plan/table.ts';

const posts = t.Table.source('posts', {
  ind: 'bigint',
  country: 'text',
  likes: 'int',
  made: 'timestamp',
  latitude: 'double',
  place: 'array<double>',
});
const pets = t.Table.source('pets', { ind: 'bigint', name: 'text', country: 'text' });
const words = t.Table.source('words', { ind: 'text', word: 'text', place: 'array<double>' });
const row = posts.columns;
const counted = posts.groupBy('country').aggregate(() => ({ posts: a.count() }));

// Arrays.
// @ts-expect-error an explosion of a text: Argument of type '"country"' is not assignable to parameter of type '"place"'
posts.explode('country', 'each');
// @ts-expect-error elements under the name of another column: is not assignable to parameter of type 'never'
posts.explode('place', 'country');
// @ts-expect-error an element of a text: Type '"text"' is not assignable to type '"array<double>" | "array<text>"'
r.size(row.country);
// @ts-expect-error a text in an array of doubles: is not assignable to parameter of type 'Expression<"double">'
r.arrayContains(row.place, row.country);

// Columns.
// @ts-expect-error a column that does not exist, in an expression: Property 'cuontry' does not exist
posts.select(({ ind, ...other }) => ({ x: other.cuontry }));
// @ts-expect-error a column that does not exist, by name: Argument of type '"cuontry"' is not assignable
posts.whereNotNull('cuontry');
// @ts-expect-error no column that must not be null: Expected at least 1 arguments, but got 0
posts.whereNotNull();
// @ts-expect-error a column that select left out: Argument of type '"likes"' is not assignable
posts.select(({ ind }) => ({ ind })).whereNotNull('likes');
// @ts-expect-error a column that is not grouped by: Argument of type '"likes"' is not assignable
counted.whereNotNull('likes');
// @ts-expect-error a type that columns do not have: Type '"time"' is not assignable
t.Table.source('x', { made: 'time' });
// @ts-expect-error a schema that is changed: because it is a read-only property
posts.schema.likes = 'int';
// @ts-expect-error a name in place of an expression: Type 'string' is not assignable to type 'Expression
posts.select(() => ({ country: 'country' as const }));
// @ts-expect-error an aggregate without groups: Type 'Aggregate<"bigint">' is not assignable
posts.select(() => ({ posts: a.count() }));

// Conditions and comparisons.
// @ts-expect-error a condition that is not boolean: Type '"text"' is not assignable to type '"boolean"'
posts.where((of) => of.country);
// @ts-expect-error a comparison of text and integer: '"bigint"' is not assignable to type '"text"'
e.equals(row.country, row.ind);
// @ts-expect-error a comparison of two kinds of integer: '"bigint"' is not assignable to type '"int"'
e.atLeast(row.likes, row.ind);
// @ts-expect-error a comparison with a constant of another type: Argument of type 'string' is not assignable
e.atMost(row.likes, '5');
// @ts-expect-error a comparison of a time with a number: Argument of type 'number' is not assignable
e.atMost(row.made, 5);
// @ts-expect-error a comparison of arrays: Type '"array<double>"' is not assignable to type '"bigint" |
e.equals(row.place, row.place);
// @ts-expect-error bounds of text: '"text"' is not assignable to type '"bigint" | "int" | "double"'
e.between(row.country, 1, 2);
// @ts-expect-error bounds that are not numbers: Argument of type 'string' is not assignable to parameter of type 'number'
e.between(row.likes, '1', 2);
// @ts-expect-error one of no values: Expected at least 2 arguments, but got 1
e.isOneOf(row.country);
// @ts-expect-error a conjunction with a number: '"int"' is not assignable to type '"boolean"'
e.and(e.isNotNull(row.ind), row.likes);
// @ts-expect-error a disjunction of nothing: Expected at least 1 arguments, but got 0
e.or();

// Functions and literals.
// @ts-expect-error the year of an integer: '"bigint"' is not assignable to type '"date"'
e.year(row.ind);
// @ts-expect-error a count of followers in a number: '"int"' is not assignable to type '"text"'
e.followerCount(row.likes);
// @ts-expect-error an array of doubles and text: '"text"' is not assignable to type '"double"'
r.array(row.latitude, row.country);
// @ts-expect-error a prefix that is a column: is not assignable to parameter of type 'string'
e.startsWith(row.country, row.country);
// @ts-expect-error a literal of another type: Argument of type 'string' is not assignable to parameter of type 'number'
e.literal('bigint', '5');
// @ts-expect-error a literal of a type that has none: Argument of type '"timestamp"' is not assignable
e.literal('timestamp', 0);
// @ts-expect-error a function that does not exist: Argument of type '"minute"' is not assignable
e.call('minute', 'int', row.made);

// Aggregates and groups.
// @ts-expect-error a sum of text: '"text"' is not assignable to type '"bigint"'
a.sum(row.country);
// @ts-expect-error a count of a column that is no condition: '"int"' is not assignable to type '"boolean"'
a.countIf(row.likes);
// @ts-expect-error a mean of times: '"timestamp"' is not assignable to type '"bigint"'
a.avg(row.made);
// @ts-expect-error a percentile without its fraction: Expected 2 arguments, but got 1
a.percentile(row.likes);
// @ts-expect-error a value by an array: is not assignable to parameter of type 'Ordered'
a.maxBy(row.country, row.place);
// @ts-expect-error a median of text: '"text"' is not assignable to type '"bigint"'
a.median(row.country);
// @ts-expect-error the smallest array: Type '"array<double>"' is not assignable to type '"bigint" |
a.min(row.place);
// @ts-expect-error different arrays: is not assignable to parameter of type 'Ordered'
a.countDistinct(row.place);
// @ts-expect-error different values of no column: Expected at least 1 arguments, but got 0
a.countDistinct();
// @ts-expect-error an aggregate of an expression: Type 'ExpressionNode' is not assignable to type 'ColumnNode'
a.max(e.year(row.made));
// @ts-expect-error a count of a column: Expected 0 arguments, but got 1
a.count(row.ind);
// @ts-expect-error an aggregate of a column that does not exist: Property 'lieks' does not exist
posts.groupBy('country').aggregate((of) => ({ x: a.sum(of.lieks) }));
// @ts-expect-error an aggregate under the name of a group: Type 'Aggregate<"bigint">' is not assignable to type 'never'
posts.groupBy('country').aggregate(() => ({ country: a.count() }));
// @ts-expect-error an expression in place of an aggregate: Type 'ColumnNode' is missing
posts.groupBy('country').aggregate((of) => ({ x: of.likes }));
// @ts-expect-error groups by an array: Argument of type '"place"' is not assignable
posts.groupBy('place');
// @ts-expect-error groups by nothing: Expected at least 1 arguments, but got 0
posts.groupBy();
// @ts-expect-error groups that are not aggregated: Property 'orderBy' does not exist
posts.groupBy('country').orderBy('country');

// Joins and orders.
// @ts-expect-error a join without a key: Expected at least 2 arguments, but got 1
posts.join(pets);
// @ts-expect-error a join on a column of one side: Argument of type '"name"' is not assignable
counted.join(pets, 'name');
// @ts-expect-error a join of columns of the same name: but required in type 'Record<"sharedColumns", "country">'
posts.join(pets, 'ind');
// @ts-expect-error a join on keys of different types: but required in type 'Record<"unjoinableColumns", "ind">'
pets.select(({ ind }) => ({ ind })).join(words, 'ind');
// @ts-expect-error a join on arrays: but required in type 'Record<"unjoinableColumns", "place">'
posts.select(({ place }) => ({ place })).join(words, 'place');
// @ts-expect-error an order by an array: Argument of type '"place"' is not assignable
posts.orderBy('place');
// @ts-expect-error an order by a column that does not exist: Type '"cuontry"' is not assignable
posts.orderBy(t.descending('cuontry'));
// @ts-expect-error a left join of columns of the same name: but required in type 'Record<"sharedColumns", "country">'
posts.leftJoin(pets, 'ind');
// @ts-expect-error a semi-join on keys of different types: but required in type 'Record<"unjoinableColumns", "ind">'
posts.semiJoin(words, 'ind');
// @ts-expect-error an anti-join on a column of one side: Argument of type '"likes"' is not assignable
posts.antiJoin(pets, 'likes');
// @ts-expect-error a union of tables with other columns: Property 'name' is missing
pets.union(posts);
// @ts-expect-error a union of columns of other types: Type '"text"' is not assignable to type '"bigint"'
posts.select(({ ind }) => ({ ind })).union(words.select(({ ind }) => ({ ind })));
// @ts-expect-error a limit that is not a number: Argument of type 'string' is not assignable
posts.limit('10');
// @ts-expect-error a number of rows after the order: Argument of type '["posts", 3]' is not assignable
counted.topOfEach(['country'], 'posts', 3);
// @ts-expect-error a top of groups by a column that does not exist: Type '"cuontry"' is not assignable
counted.topOfEach(['cuontry'], 'posts');

// Windows.
// @ts-expect-error a window over groups by an array: Type '"place"' is not assignable
posts.window(['place'], 'ind');
// @ts-expect-error a window ordered by a column that does not exist: Argument of type '"cuontry"' is not assignable
counted.window([], 'cuontry');
// @ts-expect-error a column of a window under a name that is taken: Type 'WindowColumn<"int">' is not assignable
counted.window([], 'posts').withColumns(() => ({ country: w.rank() }));
// @ts-expect-error an aggregate in place of a window's column: Type 'Aggregate<"bigint">' is not assignable
counted.window([], 'posts').withColumns(() => ({ place: a.count() }));
// @ts-expect-error a running sum of doubles, which depends on the order of rows: '"double"' is not assignable to type '"bigint"'
w.runningSum(row.latitude);
// @ts-expect-error a share of text: '"text"' is not assignable to type '"bigint"'
w.shareOf(row.country);
// @ts-expect-error the row before of an expression: Type 'ExpressionNode' is not assignable to type 'ColumnNode'
w.lag(e.year(row.made));
// @ts-expect-error the array before: Type '"array<double>"' is not assignable to type
w.lag(row.place);

// Queries and datasets.
const named = { name: 'q', title: 'Q?', plan: () => counted };
// @ts-expect-error a chart of a column that does not exist: Type '"likes"' is not assignable
query({ ...named, chart: { kind: 'bars', category: 'country', value: 'likes' } });
// @ts-expect-error a chart of an unknown kind: Type '"pie"' is not assignable
query({ ...named, chart: { kind: 'pie', category: 'country', value: 'posts' } });
const described = { name: 'd', description: 'D.', sourceTable: 't' };
const raw = { ind: 'bigint', word: 'text' } as const;
// @ts-expect-error a key that is not a raw field: Type '"id"' is not assignable
dataset({ ...described, raw, key: 'id', clean: (of) => ({ ind: of.ind }) });
// @ts-expect-error a key of text: Type '"word"' is not assignable
dataset({ ...described, raw, key: 'word', clean: (of) => ({ word: of.word }) });
// @ts-expect-error a rule over a field that does not exist: Property 'wrod' does not exist
dataset({ ...described, raw, key: 'ind', clean: (of) => ({ ind: of.ind, word: of.wrod }) });
// @ts-expect-error a raw field of a type that JSON does not have: Type '"timestamp"' is not assignable
dataset({ ...described, raw: { ind: 'bigint', at: 'timestamp' }, key: 'ind', clean: (of) => of });

/** Compiles when the first type is the second: each can stand for the other. */
function isExactly<Expected>() {
  return <Actual>(_: Actual & ([Actual, Expected] extends [Expected, Actual] ? unknown : never)) => undefined;
}

type Bigint = e.Expression<'bigint'>;
isExactly<{ country: 'text'; posts: 'bigint' }>()({ ...counted.schema });
isExactly<{ ind: 'text'; word: 'text'; place: 'array<double>' }>()({
  ...words.distinct().orderBy('ind').schema,
});
isExactly<{ ind: 'bigint'; name: 'text'; country: 'text'; posts: 'bigint' }>()({
  ...pets.join(counted, 'country').schema,
});
isExactly<Bigint>()(e.nullWhen<'bigint'>(row.ind, e.isNotNull(row.country)));
isExactly<a.Aggregate<'timestamp'>>()(a.max(row.made));
isExactly<a.Aggregate<'double'>>()(a.median(row.likes));
isExactly<a.Aggregate<'bigint'>>()(a.sum(row.likes));
isExactly<a.Aggregate<'double'>>()(a.sum(row.latitude));
isExactly<a.Aggregate<'text'>>()(a.minBy(row.country, row.made));
isExactly<'double'>()(posts.explode('place', 'degrees').schema.degrees);
isExactly<e.Expression<'text'>>()(r.elementAt(r.split(row.country, ' '), 1));
isExactly<'int'>()(posts.select(({ made }) => ({ made_in: e.year(made) })).schema.made_in);
isExactly<'timestamp'>()(
  dataset({ ...described, raw, key: 'ind', clean: (of) => ({ ind: of.ind, at: e.parseTimestamp(of.word) }) })
    .table.schema.at,
);
counted.topOfEach(['country'], t.descending('posts'));
counted.topOfEach(['country'], 3, t.descending('posts'));
isExactly<{ ind: 'bigint'; name: 'text'; country: 'text'; posts: 'bigint' }>()({
  ...pets.leftJoin(counted, 'country').schema,
});
isExactly<{ ind: 'bigint'; name: 'text'; country: 'text' }>()({ ...pets.semiJoin(posts, 'ind').schema });
isExactly<{ country: 'text'; posts: 'bigint'; before: 'text'; share: 'double' }>()({
  ...counted
    .window([], t.descending('posts'))
    .withColumns((of) => ({ before: w.lag(of.country), share: w.shareOf(of.posts) })).schema,
});
t.Table.source<Record<string, 'text'>>('any', { a: 'text' }).whereNotNull('names are not known').orderBy('b');
