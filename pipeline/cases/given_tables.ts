/** The rows that a case gives, as tables that an engine in this process reads. */
import { DistinctRows } from '../columns/distinct_rows.ts';
import { type ColumnarTable, tableOfRows } from '../columns/table.ts';
import { Decoder } from '../json/decoder.ts';
import type { Dataset } from '../plan/dataset.ts';
import { type RelationNode, sourcesOf } from '../plan/relation.ts';
import { mapInputs } from '../plan/walk.ts';
import { type Case, type Given, planOf } from './case.ts';

/** The plan of a case over what it gives: cleaned tables, or raw fields that are cleaned first. */
export function planOver(plan: RelationNode, { form }: Case, datasets: readonly Dataset[]): RelationNode {
  const cleaned = (node: RelationNode): RelationNode => {
    const dataset =
      node.kind === 'source'
        ? datasets.find(({ name }) => form === 'lines' && name === node.name)
        : undefined;
    return dataset?.cleaning.node ?? mapInputs(node, cleaned);
  };
  return cleaned(plan);
}

/**
 * The tables that come in each step of a case, by the names under which its plan reads them. Cleaned rows come once, as in
 * silver; lines come as often as they are given.
 */
export function tablesOf(
  of: Case,
  datasets: readonly Dataset[],
): readonly ReadonlyMap<string, ColumnarTable>[] {
  const sources = sourcesOf(planOver(planOf(of.subject), of, datasets));
  const seen = new Map(datasets.map(({ name, cleaning }) => [name, new DistinctRows(cleaning.schema)]));
  const read = datasets.filter((dataset) => sources.has(sourceName(dataset, of)));
  return of.steps.map(({ given }) => {
    const tables = read.map((dataset): [string, ColumnarTable] => {
      const table = tableOf(given.get(dataset.name), dataset, of.form);
      const unseen = of.form === 'rows' ? seen.get(dataset.name) : undefined;
      const before = unseen?.length ?? 0;
      unseen?.add(table);
      return [sourceName(dataset, of), unseen?.rowsFrom(before) ?? table];
    });
    return new Map(tables);
  });
}

function sourceName({ name }: Dataset, { form }: Case): string {
  return form === 'lines' ? `${name}_raw` : name;
}

function tableOf(given: Given | undefined, dataset: Dataset, form: Case['form']): ColumnarTable {
  if (given?.form === 'lines') {
    return rawRows(given.lines, dataset);
  }
  const schema = form === 'lines' ? dataset.raw : dataset.cleaning.schema;
  return tableOfRows(schema, given?.rows ?? []);
}

/** The raw fields of the lines that are events. */
function rawRows(lines: readonly string[], { raw, key }: Dataset): ColumnarTable {
  const clean = Object.fromEntries(Object.keys(raw).map((name) => [name, { kind: 'column', name } as const]));
  const decoder = new Decoder({ raw, key, clean, cleaning: { schema: raw } });
  decoder.decodeLines(Buffer.from(lines.map((line) => `${line}\n`).join('')), () => {});
  return decoder.take();
}
