/** The whole effect of a change: two versions compared, as data for the Markdown and the page. */
import type { ProviderTypes } from '../graph/provider_types.ts';
import { answersDifference, type Tables } from './answers.ts';
import { datasetOf } from './described_tables.ts';
import { type Difference, differenceOf } from './difference.ts';
import { type TableChange, tableChanges } from './kinds.ts';
import { type Money, moneyOf } from './money.ts';
import { type Landed, type ReadAgain, readAgain } from './read_again.ts';
import { type CodeChange, sparkChanges } from './spark_code.ts';
import type { TableDifference } from './table_difference.ts';
import type { Version } from './version.ts';

/** A version, and its tables over the landing files that both are compared over. */
export interface Run {
  readonly version: Version;
  readonly rows: Tables;
}

/** The way in which Spark computes an answer: `kept` by what is new, or the reason why it is computed from all rows. */
export interface Computed {
  readonly answer: string;
  /** Undefined where a version has no such answer, or does not tell. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface Effect {
  readonly stack: string;
  /** The version to compare with: a git ref, or `empty`. */
  readonly against: string;
  /** The landing files that the tables were made from, in words. */
  readonly over: string;
  readonly before: Version;
  readonly after: Version;
  readonly cloud: Difference;
  readonly spark: readonly CodeChange[];
  readonly tables: readonly TableDifference[];
  readonly kinds: readonly TableChange[];
  readonly money: Money;
  readonly readAgain: readonly ReadAgain[];
  readonly computed: readonly Computed[];
}

/** The word for an answer that Spark keeps by what is new. */
export const keptByWhatIsNew = 'kept by what is new';

/**
 * Compares two runs.
 * @param landed the landing files of the data folder that was named, if one was
 */
export async function effectOf(
  given: Pick<Effect, 'stack' | 'against' | 'over'> & {
    readonly before: Run;
    readonly after: Run;
    readonly types: ProviderTypes;
    readonly landed?: readonly Landed[] | undefined;
  },
): Promise<Effect> {
  const { stack, against, over, types, landed } = given;
  const [before, after] = [given.before.version, given.after.version];
  const tables = answersDifference(given.before.rows, given.after.rows);
  return {
    stack,
    against,
    over,
    before,
    after,
    cloud: differenceOf(before, after, types),
    spark: await sparkChanges(before.spark, after.spark),
    tables,
    kinds: tableChanges(before.tables, after.tables, tables),
    money: moneyOf(before.costs, after.costs),
    readAgain: readAgain(before, after, landed),
    computed: computedAnswers(before, after),
  };
}

/** True when nothing that a version declares or answers differs. */
export function changesNothing({ cloud, spark, kinds, money, readAgain }: Effect): boolean {
  const { created, changed, deleted } = cloud;
  const differences = [created, changed, deleted, spark, kinds, readAgain];
  return differences.every(({ length }) => length === 0) && !money.items.some(({ differs }) => differs);
}

/** True when Spark computes an answer in another way than before. */
export function computesOtherwise({ before, after }: Computed): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

function computedAnswers(before: Version, after: Version): readonly Computed[] {
  const names = new Set([...Object.keys(after.tables), ...Object.keys(before.tables)]);
  const way = (version: Version, name: string) => {
    const kept = version.tables[name]?.kept;
    return kept === undefined || kept.kept ? kept && keptByWhatIsNew : kept.why;
  };
  return [...names]
    .filter((name) => datasetOf(name) === undefined)
    .map((answer) => ({ answer, before: way(before, answer), after: way(after, answer) }));
}
