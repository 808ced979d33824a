/** The monthly cost of a stack in two versions, item by item: what is paid for existing, while nothing flows. */
import * as z from 'zod';
import type { Settings } from '../../configuration/settings.ts';
import { sumOf } from '../costs/markdown.ts';
import { monthlyCosts } from '../costs/month.ts';

const cost = z.object({
  what: z.string(),
  how: z.string(),
  /** Missing where no price is known. */
  dollars: z.number().optional(),
});

export const versionCosts = z.object({
  items: z.array(cost),
  /** Dollars of the stack's budget, which the sum must not exceed. */
  budget: z.number(),
});
export type VersionCosts = z.infer<typeof versionCosts>;

/** An item of the cost in either version; undefined in the one that has none. */
export interface MoneyItem {
  readonly what: string;
  readonly before: z.infer<typeof cost> | undefined;
  readonly after: z.infer<typeof cost> | undefined;
  readonly differs: boolean;
}

/** The costs of two versions. */
export interface Money {
  /** Whole dollars; undefined for a version that tells none. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** All items of the later version, then those that are gone. */
  readonly items: readonly MoneyItem[];
  /** Whole dollars that the stack allows. */
  readonly budget: number | undefined;
}

export function costsOfSettings(settings: Settings, streamCount?: number): VersionCosts {
  return {
    items: monthlyCosts(settings, streamCount).map(({ what, how, dollars }) => ({ what, how, dollars })),
    budget: settings.watching.monthlyBudgetDollars,
  };
}

/** Compares two versions. One that tells no costs, such as an old one, has none to compare. */
export function moneyOf(before: VersionCosts | undefined, after: VersionCosts | undefined): Money {
  const olds = new Map(before?.items.map((item) => [item.what, item]));
  const news = new Map(after?.items.map((item) => [item.what, item]));
  return {
    before: before && sumOf(before.items),
    after: after && sumOf(after.items),
    budget: after?.budget,
    items: [...new Set([...news.keys(), ...olds.keys()])].map((what) => ({
      what,
      before: olds.get(what),
      after: news.get(what),
      differs: before !== undefined && olds.get(what)?.how !== news.get(what)?.how,
    })),
  };
}

/** Such as `$98 a month while nothing flows, $120 before`. */
export function moneyInWords({ before, after, items }: Money): string {
  if (after === undefined) {
    return 'not told';
  }
  const now = `$${after} a month while nothing flows`;
  const differs = items.some((item) => item.differs);
  return before === undefined ? now : `${now}, ${differs ? `$${before} before` : 'as before'}`;
}

/** The reason why a sum is too high for the stack's budget; undefined when it is not. */
export function overBudget({ after, budget }: Money): string | undefined {
  return after !== undefined && budget !== undefined && after > budget
    ? `The stack costs $${after} a month while nothing flows, and its watching.monthlyBudgetDollars is ${budget}.`
    : undefined;
}
