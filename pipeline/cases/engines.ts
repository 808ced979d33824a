/** The engines of this process, case by case: Arquero over whole tables, and answers that are kept up to date. */
import { type ColumnarTable, type Row, rowsOf, tableOfRows } from '../columns/table.ts';
import { runPlan } from '../engines/arquero/run_plan.ts';
import { LiveAnswers } from '../engines/incremental/live_answers.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { RelationNode } from '../plan/relation.ts';
import { type Case, type CaseEngine, failureOf, type Outcome, planOf, schemaOf } from './case.ts';
import { planOver, tablesOf } from './given_tables.ts';

/** The reference: each step over all rows so far. */
export function arqueroEngine(datasets: readonly Dataset[]): CaseEngine {
  return {
    name: 'arquero',
    run: async (cases) => [
      {
        name: 'Arquero',
        outcomes: cases.map((of) => answersByArquero(planOf(of.subject), of, datasets)),
      },
    ],
  };
}

/** The answers of a plan in a case's place: its own, or one with a fault. */
export function answersByArquero(
  plan: RelationNode,
  of: Case,
  datasets: readonly Dataset[],
): readonly Outcome[] {
  const whole = planOver(plan, of, datasets);
  const rows = new Map<string, Row[]>();
  return tablesOf(of, datasets).map((tables) => {
    for (const [name, table] of tables) {
      rows.set(name, [...(rows.get(name) ?? []), ...rowsOf(table)]);
    }
    const sources = [...tables].map(([name, { schema }]) => [
      name,
      tableOfRows(schema, rows.get(name) ?? []),
    ]);
    return outcomeOf(() => runPlan(whole, Object.fromEntries(sources)));
  });
}

/** Rows in the order given, reversed, and one by one: all orders come to the same answer. */
export function incrementalEngine(datasets: readonly Dataset[]): CaseEngine {
  return {
    name: 'incremental',
    run: async (cases) =>
      Object.entries(arrivals).map(([name, arrival]) => ({
        name: `incremental, ${name}`,
        outcomes: cases.map((of) => kept(of, arrival, datasets)),
      })),
  };
}

/** Some rows of one source, which come together. */
type Delta = readonly [source: string, rows: ColumnarTable];

const arrivals: Readonly<Record<string, (tables: readonly Delta[]) => readonly Delta[]>> = {
  'in the order given': (tables) => tables,
  reversed: (tables) =>
    tables.toReversed().map(([name, table]) => [name, tableOfRows(table.schema, rowsOf(table).toReversed())]),
  'one by one': (tables) => {
    const rows = tables.flatMap(([name, table]) =>
      rowsOf(table).map((row, at) => ({ at, delta: [name, tableOfRows(table.schema, [row])] as const })),
    );
    // The first rows of all sources before the second ones.
    return rows.toSorted((a, b) => a.at - b.at).map(({ delta }) => delta);
  },
};

function kept(
  of: Case,
  arrival: (tables: readonly Delta[]) => readonly Delta[],
  datasets: readonly Dataset[],
): readonly Outcome[] {
  const plan = planOver(planOf(of.subject), of, datasets);
  const query = {
    name: of.name,
    title: of.name,
    plan,
    schema: schemaOf(of.subject),
    chart: { kind: 'bars', category: '', value: '' },
  } as const;
  const live = new LiveAnswers([query], runPlan);
  return tablesOf(of, datasets).map((tables) =>
    outcomeOf(() => {
      for (const [name, rows] of arrival([...tables])) {
        live.add(name, rows);
        // Answers that were read before more rows came must not stay.
        live.answer(query);
      }
      return live.answer(query);
    }),
  );
}

function outcomeOf(answer: () => ColumnarTable): Outcome {
  try {
    return { rows: rowsOf(answer()) };
  } catch (error) {
    return failureOf(error);
  }
}
