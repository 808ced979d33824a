/** The tables of a version as their plans describe them: silver tables as `silver/<dataset>`, answers by their name. */
import * as z from 'zod';
import { planSql } from '../../../pipeline/engines/spark/plan_sql.ts';
import { knownRules } from '../../../pipeline/engines/spark/rules.ts';
import { keptByDeltas, keyOf } from '../../../pipeline/engines/spark/states/kept.ts';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import { lineageOf } from '../../../pipeline/plan/lineage.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import type { RelationNode, SortKey } from '../../../pipeline/plan/relation.ts';

/** Lineage as `source.column`: raw fields for a silver table, silver columns for an answer. Optional parts are missing in older versions. */
const tableDescription = z.object({
  columns: z.record(z.string(), z.object({ type: z.string(), from: z.array(z.string()) })),
  /** The source columns that decide which rows there are. */
  rows: z.array(z.string()),
  /** The parts of the plan in which they do, such as `condition`, by source column. */
  roles: z.record(z.string(), z.array(z.string())).optional(),
  /** The words and the drawing, which change no value. */
  presentation: z.json(),
  /** The plan as Spark SQL. */
  sql: z.string().optional(),
  /** The columns that an answer is sorted by, the first one first. */
  order: z.array(z.string()).optional(),
  /** The raw fields of a silver table with their types. */
  raw: z.record(z.string(), z.string()).optional(),
  /** A silver table's fingerprint of the rules by which landing files are read. */
  rules: z.string().optional(),
  /** Fingerprints of the same rules in other words. */
  sameRules: z.array(z.string()).optional(),
  /** The way in which Spark computes an answer: from what is new, or from all rows, and why. */
  kept: z
    .discriminatedUnion('kept', [
      z.object({ kept: z.literal(true) }),
      z.object({ kept: z.literal(false), why: z.string() }),
    ])
    .optional(),
});

export type TableDescription = z.infer<typeof tableDescription>;
export type TableDescriptions = Readonly<Record<string, TableDescription>>;

export const tableDescriptions = z.record(z.string(), tableDescription);

const silver = 'silver/';

/** The dataset of a silver table; undefined for an answer. */
export function datasetOf(table: string): string | undefined {
  return table.startsWith(silver) ? table.slice(silver.length) : undefined;
}

export function describeTables(datasets: readonly Dataset[], queries: readonly Query[]): TableDescriptions {
  const keys = keyOf(datasets);
  return Object.fromEntries([
    ...datasets.map((dataset) => {
      const [rules, ...sameRules] = knownRules(dataset);
      const { name, description, raw, cleaning } = dataset;
      return [
        `${silver}${name}`,
        { ...described(cleaning.node, { description }), raw: { ...raw }, rules, sameRules },
      ];
    }),
    ...queries.map(({ name, plan, title, chart }) => [
      name,
      { ...described(plan, { title, chart: { ...chart } }), kept: keptByDeltas(plan, keys) },
    ]),
  ]);
}

function sortKeyInWords({ column, descending }: SortKey): string {
  return descending ? `${column} descending` : column;
}

function described(plan: RelationNode, presentation: TableDescription['presentation']): TableDescription {
  const { values, rows } = lineageOf(plan);
  const columns = Object.entries(plan.schema).map(([name, type]) => [
    name,
    { type, from: [...(values.get(name) ?? [])].sort() },
  ]);
  return {
    columns: Object.fromEntries(columns),
    rows: [...rows.keys()].sort(),
    roles: Object.fromEntries([...rows].map(([column, roles]) => [column, [...roles].sort()])),
    presentation,
    sql: planSql(plan),
    order: plan.kind === 'order' ? plan.order.map(sortKeyInWords) : [],
  };
}
