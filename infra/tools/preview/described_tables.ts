/** The tables of a version as their plans describe them: silver tables as `silver/<dataset>`, answers by their name. */
import * as z from 'zod';
import type { Dataset } from '../../../pipeline/plan/dataset.ts';
import { lineageOf } from '../../../pipeline/plan/lineage.ts';
import type { Query } from '../../../pipeline/plan/query.ts';
import type { RelationNode } from '../../../pipeline/plan/relation.ts';

/** Lineage as `source.column`: raw fields for a silver table, silver columns for an answer. */
const tableDescription = z.object({
  columns: z.record(z.string(), z.object({ type: z.string(), from: z.array(z.string()) })),
  /** The source columns that decide which rows there are. */
  rows: z.array(z.string()),
  /** The words and the drawing, which change no value. */
  presentation: z.json(),
});

export type TableDescription = z.infer<typeof tableDescription>;
export type TableDescriptions = Readonly<Record<string, TableDescription>>;

export const tableDescriptions = z.record(z.string(), tableDescription);

export function describeTables(datasets: readonly Dataset[], queries: readonly Query[]): TableDescriptions {
  return Object.fromEntries([
    ...datasets.map(({ name, cleaning, description }) => [
      `silver/${name}`,
      described(cleaning.node, { description }),
    ]),
    ...queries.map(({ name, plan, title, chart }) => [name, described(plan, { title, chart: { ...chart } })]),
  ]);
}

function described(plan: RelationNode, presentation: TableDescription['presentation']): TableDescription {
  const { values, rows } = lineageOf(plan);
  const columns = Object.entries(plan.schema).map(([name, type]) => [
    name,
    { type, from: [...(values.get(name) ?? [])].sort() },
  ]);
  return { columns: Object.fromEntries(columns), rows: [...rows.keys()].sort(), presentation };
}
