/**
 * Answers that are up to date after every event: the twin of the batch engine. A batch is one large delta.
 *
 * ```ts
 * const live = new LiveAnswers(queries, runPlan);
 * live.add('pin', newRows);
 * live.answer(mostPopularCategoryByCountry);
 * ```
 */

import { Arena } from '../../columns/arena.ts';
import type { ColumnarTable } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import type { RelationNode } from '../../plan/relation.ts';
import { type Compiled, Compiler } from './compile.ts';

/** Runs a plan over tables: what follows the aggregates is asked of an engine for whole tables. */
export type RunPlan = (plan: RelationNode, sources: Readonly<Record<string, ColumnarTable>>) => ColumnarTable;

/** What operators make of so many rows stays in the processor's cache. */
const rowsAtOnce = 16_384;

export class LiveAnswers {
  private readonly compiler: Compiler;
  private readonly compiled: ReadonlyMap<Query, Compiled>;
  /** Answers that were looked at since rows last came. */
  private readonly looked = new Map<Query, ColumnarTable>();

  constructor(
    queries: readonly Query[],
    private readonly runPlan: RunPlan,
    scratch = new Arena(),
  ) {
    this.compiler = new Compiler(scratch);
    this.compiled = new Map(queries.map((query) => [query, this.compiler.compile(query.plan)]));
  }

  /** The sources that queries read, each with the columns that they need. */
  get needed(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map([...this.compiler.sources].map(([name, source]) => [name, source.neededColumns]));
  }

  /**
   * Takes rows that are new to a source.
   * @param rows cleaned, each different from all that came before; at least the columns that are needed
   */
  add(source: string, rows: ColumnarTable): void {
    this.looked.clear();
    const into = this.compiler.sources.get(source);
    for (let from = 0; into !== undefined && from < rows.length; from += rowsAtOnce) {
      into.add(rows, from, Math.min(rows.length, from + rowsAtOnce));
    }
  }

  /** The answer of one of the queries to all rows so far. @throws RangeError when it is none of them */
  answer(query: Query): ColumnarTable {
    const compiled = this.compiled.get(query);
    if (compiled === undefined) {
      throw new RangeError(`The query "${query.name}" is not kept up to date here.`);
    }
    let answer = this.looked.get(query);
    if (answer === undefined) {
      const tables = [...compiled.tables].map(([name, { table }]) => [name, table]);
      answer = this.runPlan(compiled.rest, Object.fromEntries(tables));
      this.looked.set(query, answer);
    }
    return answer;
  }
}
