/**
 * Answers that are up to date after every event. A batch is one large delta.
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

/** Runs a plan over whole tables: used for the part of a plan that follows the aggregates. */
export type RunPlan = (plan: RelationNode, sources: Readonly<Record<string, ColumnarTable>>) => ColumnarTable;

/** Results of operators over so many rows stay in the processor's cache. */
const rowsAtOnce = 16_384;

export class LiveAnswers {
  private readonly compiler: Compiler;
  private readonly compiled: ReadonlyMap<Query, Compiled>;
  /** Answers that were asked for since rows last came. */
  private readonly cached = new Map<Query, ColumnarTable>();

  constructor(
    queries: readonly Query[],
    private readonly runPlan: RunPlan,
    arena = new Arena(),
  ) {
    this.compiler = new Compiler(arena);
    this.compiled = new Map(queries.map((query) => [query, this.compiler.compile(query.plan)]));
  }

  /** The sources that queries read, each with the columns that they read. */
  get required(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map([...this.compiler.sources].map(([name, source]) => [name, source.requiredColumns]));
  }

  /**
   * Takes rows that are new to a source.
   * @param rows cleaned, each different from all before; at least the columns that are required
   */
  add(source: string, rows: ColumnarTable): void {
    this.cached.clear();
    const operator = this.compiler.sources.get(source);
    for (let from = 0; operator !== undefined && from < rows.length; from += rowsAtOnce) {
      operator.add(rows, from, Math.min(rows.length, from + rowsAtOnce));
    }
  }

  /** The answer of one of the queries over all rows so far. @throws RangeError when it is not one of them */
  answer(query: Query): ColumnarTable {
    const compiled = this.compiled.get(query);
    if (compiled === undefined) {
      throw new RangeError(`The query "${query.name}" is not kept up to date here.`);
    }
    let answer = this.cached.get(query);
    if (answer === undefined) {
      const tables = [...compiled.tables].map(([name, { table }]) => [name, table]);
      answer = this.runPlan(compiled.rest, Object.fromEntries(tables));
      this.cached.set(query, answer);
    }
    return answer;
  }
}
