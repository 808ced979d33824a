import { atLeast, between, type Expression, literal } from '../pipeline/plan/expression.ts';
import { caseWhen } from '../pipeline/plan/expressions/conditions.ts';

const name = (group: string) => literal('text', group);

/** The groups that queries tell ages apart by; null for younger people and for null. */
export const ageGroup = (age: Expression<'bigint'>) =>
  caseWhen([
    [between(age, 18, 24), name('18-24')],
    [between(age, 25, 35), name('25-35')],
    [between(age, 36, 50), name('36-50')],
    [atLeast(age, 51), name('50+')],
  ]);
