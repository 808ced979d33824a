/** Steps that rewritings share. */
import { type ColumnType, PlanError } from '../../plan/types.ts';

/** The list without one of its items, for each of them; nothing for a list of one. */
export function withoutOne<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.length < 2 ? [] : items.map((_, at) => items.toSpliced(at, 1));
}

/** The result of a type rule; undefined where it refuses. */
export function typeIfItFits(rule: () => ColumnType): ColumnType | undefined {
  try {
    return rule();
  } catch (error) {
    if (error instanceof PlanError) {
      return undefined;
    }
    throw error;
  }
}
