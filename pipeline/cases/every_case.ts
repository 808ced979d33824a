/**
 * Many cases in one run: every table gets a column that says which case a row belongs to, and every step of a plan keeps
 * the cases apart.
 */
import type { RelationNode } from '../plan/relation.ts';
import type { Schema } from '../plan/types.ts';
import { mapInputs } from '../plan/walk.ts';

/** The column of the case; no dataset has one of this name. */
export const caseColumn = 'case_number';

export const withCase = (schema: Schema): Schema => ({ [caseColumn]: 'bigint', ...schema });

/** The plan that gives the answer of every case at once: whatever a relation groups, joins or sorts by, it does so by case. */
export function ofEveryCase(node: RelationNode): RelationNode {
  const inner: RelationNode = { ...mapInputs(node, ofEveryCase), schema: withCase(node.schema) };
  if ('on' in inner) {
    return { ...inner, on: [caseColumn, ...inner.on] };
  }
  if ('by' in inner) {
    return { ...inner, by: [caseColumn, ...inner.by] };
  }
  if ('columns' in inner) {
    return { ...inner, columns: { [caseColumn]: { kind: 'column', name: caseColumn }, ...inner.columns } };
  }
  if (inner.kind === 'order') {
    return { ...inner, order: [{ column: caseColumn, descending: false }, ...inner.order] };
  }
  return inner;
}
