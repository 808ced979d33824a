/**
 * Answers that are up to date after every event. A batch is one large delta.
 *
 * ```ts
 * const live = new LiveAnswers(queries, runPlan);
 * live.add('pin', newRows);
 * live.remove('pin', erasedRows, () => allRowsLeft);
 * live.answer(mostPopularCategoryByCountry);
 * ```
 */

import { Arena } from '../../columns/arena.ts';
import type { ColumnarTable } from '../../columns/table.ts';
import type { Query } from '../../plan/query.ts';
import type { RelationNode } from '../../plan/relation.ts';
import { type Compiled, Compiler } from './compile.ts';
import type { Change } from './delta.ts';

/** Runs a plan over whole tables: used for the part of a plan that follows the aggregates. */
export type RunPlan = (plan: RelationNode, sources: Readonly<Record<string, ColumnarTable>>) => ColumnarTable;

/** The rows of all sources that are left, each source in one table or several. */
export type RowsLeft = () => Iterable<readonly [source: string, rows: ColumnarTable]>;

/** Results of operators over so many rows stay in the processor's cache. */
const rowsAtOnce = 16_384;

export class LiveAnswers {
  private compiler: Compiler;
  private compiled: ReadonlyMap<Query, Compiled>;
  private rowsLeave = false;
  /** Answers that were asked for since rows last came or left. */
  private readonly cached = new Map<Query, ColumnarTable>();

  constructor(
    private readonly queries: readonly Query[],
    private readonly runPlan: RunPlan,
    private readonly arena = new Arena(),
  ) {
    this.compiler = new Compiler(arena, this.rowsLeave);
    this.compiled = this.compileAll();
  }

  /** The sources that queries read, each with the columns that they read. */
  get required(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map([...this.compiler.sources].map(([name, source]) => [name, source.requiredColumns]));
  }

  /**
   * Takes rows that come to a source.
   * @param rows cleaned; at least the columns that are required
   */
  add(source: string, rows: ColumnarTable): void {
    this.change(source, rows, 1);
  }

  /**
   * Takes rows back that came to a source. As long as none leaves, only what the answers need is kept of them; when the first ones
   * leave, those that are left are taken again into states that can give rows back.
   * @param rows in the columns that are required, equal to as many rows that came and have not left since
   * @param rowsLeft all rows that came and have not left, without these: read at the first removal alone
   * @throws RangeError when a row is not there
   */
  remove(source: string, rows: ColumnarTable, rowsLeft: RowsLeft): void {
    if (this.rowsLeave || rows.length === 0) {
      this.change(source, rows, -1);
      return;
    }
    this.rowsLeave = true;
    this.cached.clear();
    this.compiler = new Compiler(this.arena, this.rowsLeave);
    this.compiled = this.compileAll();
    for (const [each, table] of rowsLeft()) {
      this.add(each, table);
    }
  }

  /** The answer of one of the queries over the rows that are left. @throws RangeError when it is not one of them */
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

  private compileAll(): ReadonlyMap<Query, Compiled> {
    return new Map(this.queries.map((query) => [query, this.compiler.compile(query.plan)]));
  }

  private change(source: string, rows: ColumnarTable, by: Change): void {
    this.cached.clear();
    const operator = this.compiler.sources.get(source);
    for (let from = 0; operator !== undefined && from < rows.length; from += rowsAtOnce) {
      operator.change(rows, from, Math.min(rows.length, from + rowsAtOnce), by);
    }
  }
}
