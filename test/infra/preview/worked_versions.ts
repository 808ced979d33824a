/** Versions of the pipeline made of data: definitions and settings that are changed, with no copy of the repo. */
import { generateEvents } from '../../../emulator/generator.ts';
import { definitionsOf } from '../../../infra/tools/graph/stack_graph.ts';
import type { Tables } from '../../../infra/tools/preview/answers.ts';
import { declarations } from '../../../infra/tools/preview/declarations.ts';
import type { Run } from '../../../infra/tools/preview/effect.ts';
import { type ColumnarTable, rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { datasets as ownDatasets } from '../../../pipeline/datasets/index.ts';
import { runPlan } from '../../../pipeline/engines/arquero/run_plan.ts';
import { type Dataset, dataset, type RawSchema } from '../../../pipeline/plan/dataset.ts';
import { column, type Expression } from '../../../pipeline/plan/expression.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import type { RelationNode } from '../../../pipeline/plan/relation.ts';
import { columnType, type Value } from '../../../pipeline/plan/types.ts';
import { mapInputs } from '../../../pipeline/plan/walk.ts';
import { queries as ownQueries } from '../../../queries/index.ts';
import { infraFolder } from '../stacks.ts';

/** What a version has in place of the repo's own; what is missing is the repo's. */
export interface Change {
  readonly stack?: string;
  readonly datasets?: readonly Dataset[];
  readonly queries?: readonly Query[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly notebooks?: (sources: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

const posts = 300;

/** A version's declarations, and its tables over generated posts by the reference engine. */
export async function runOf(change: Change): Promise<Run> {
  const { datasets = ownDatasets, queries = ownQueries, settings = {}, stack = 'dev', notebooks } = change;
  const definitions = definitionsOf(datasets, queries);
  const version = await declarations(infraFolder, stack, settings, {
    ...definitions,
    notebooks: notebooks?.(definitions.notebooks) ?? definitions.notebooks,
  });
  return { version, rows: tablesOf(datasets, queries) };
}

/** Plans are data, so the same plan has the same rows however many versions hold it. */
const kept = new Map<string, ColumnarTable>();

function tablesOf(datasets: readonly Dataset[], queries: readonly Query[]): Tables {
  const silver = Object.fromEntries(datasets.map((one) => [one.name, silverOf(one)]));
  const answers = queries.map(({ name, plan }) => [name, answerOf(plan, silver)] as const);
  const tables = [
    ...Object.entries(silver).map(([name, table]) => [`silver/${name}`, table] as const),
    ...answers,
  ];
  return Object.fromEntries(tables.map(([name, table]) => [name, rowsOf(table)]));
}

function silverOf(one: Dataset): ColumnarTable {
  return keptOr(JSON.stringify([one.raw, one.cleaning.node]), () => {
    const raw = Array.from({ length: posts }, (_, index): Readonly<Record<string, Value>> => {
      const event = generateEvents([one], index, 1)[one.name] ?? {};
      return Object.fromEntries(
        Object.entries(one.raw).map(([field, type]) => [field, valueOfField(event[field], type)]),
      );
    });
    return runPlan(one.cleaning.node, { [`${one.name}_raw`]: tableOfRows(one.raw, raw) });
  });
}

/** A field of another type than the generator's is null, as the decoder reads it. */
function valueOfField(value: unknown, type: RawSchema[string]): Value {
  if (type === 'text') {
    return typeof value === 'string' ? value : null;
  }
  return typeof value === 'number' ? value : null;
}

const numbers = new WeakMap<ColumnarTable, number>();

function answerOf(plan: RelationNode, silver: Readonly<Record<string, ColumnarTable>>): ColumnarTable {
  const inputs = Object.values(silver).map((table) => {
    const number = numbers.get(table) ?? kept.size;
    numbers.set(table, number);
    return number;
  });
  return keptOr(JSON.stringify([inputs, plan]), () => runPlan(plan, silver));
}

function keptOr(key: string, make: () => ColumnarTable): ColumnarTable {
  const table = kept.get(key) ?? make();
  kept.set(key, table);
  return table;
}

type Columns = Readonly<Record<string, Expression>>;

/** A dataset with other parts. Cleaned columns are changed as expressions over the raw fields. */
export function withDataset(
  old: Dataset,
  change: {
    readonly name?: string;
    readonly description?: string;
    readonly raw?: RawSchema;
    readonly personal?: readonly string[];
    readonly clean?: (columns: Columns) => Columns;
  },
): Dataset {
  const { schema } = old.cleaning;
  const columns = Object.fromEntries(
    Object.entries(old.clean).map(([name, node]) => [name, { type: columnType(schema, name), node }]),
  );
  const clean = change.clean?.(columns) ?? columns;
  return dataset({
    name: change.name ?? old.name,
    description: change.description ?? old.description,
    sourceTable: old.sourceTable,
    key: old.key,
    raw: change.raw ?? old.raw,
    clean: () => clean,
    personal: (change.personal ?? old.personal).filter((name) => name in clean),
    sameRules: old.sameRules,
  });
}

/** Columns with one under another name, in its place. */
export function renamed<T>(columns: Readonly<Record<string, T>>, from: string, to: string) {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name === from ? to : name, value]),
  );
}

/** Columns without one. */
export function without<T>(columns: Readonly<Record<string, T>>, gone: string): Record<string, T> {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => name !== gone));
}

/** The repo's datasets with others in the place of those of the same name. */
export function datasetsWith(...changed: readonly Dataset[]): readonly Dataset[] {
  return ownDatasets.map((one) => changed.find(({ name }) => name === one.name) ?? one);
}

/** The repo's queries with others in the place of those of the same name. */
export function queriesWith(...changed: readonly Query[]): readonly Query[] {
  return ownQueries.map((one) => changed.find(({ name }) => name === one.name) ?? one);
}

/** A query with other parts, and the schema of its plan. */
export function withQuery(
  old: Query,
  change: Partial<Pick<Query, 'name' | 'title' | 'plan' | 'chart'>>,
): Query {
  const plan = change.plan ?? old.plan;
  return { ...old, ...change, plan, schema: plan.schema };
}

/** Queries that read a dataset whose column has another name, and answer as before. */
export function reading(
  queries: readonly Query[],
  { name, table }: Dataset,
  from: string,
  to: string,
): readonly Query[] {
  const schema = renamed(table.schema, to, from);
  const columns = Object.fromEntries(
    Object.keys(schema).map((own) => [own, column(own === from ? to : own, 'text').node]),
  );
  const change = (node: RelationNode): RelationNode =>
    node.kind === 'source' && node.name === name
      ? { kind: 'select', schema, input: table.node, columns }
      : mapInputs(node, change);
  return queries.map((one) => ({ ...one, plan: change(one.plan) }));
}
