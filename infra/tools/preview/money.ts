/** The monthly cost of a stack in two versions, item by item: what is paid for existing, while nothing flows. */
import * as z from 'zod';
import type { Settings } from '../../configuration/settings.ts';
import { sumOf } from '../costs/markdown.ts';
import { monthlyCosts } from '../costs/month.ts';
import { cell, type Money } from './markdown.ts';

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

export function costsOfSettings(settings: Settings): VersionCosts {
  return { items: [...monthlyCosts(settings)], budget: settings.watching.monthlyBudgetDollars };
}

/** Compares two versions. One that tells no costs, such as an old one, has none to compare. */
export function moneyOf(before: VersionCosts | undefined, after: VersionCosts | undefined): Money {
  if (after === undefined) {
    return { sentence: 'not told', items: '' };
  }
  const now = `$${sum(after)} a month while nothing flows`;
  if (before === undefined) {
    return { sentence: now, items: '' };
  }
  const items = changedItems(before, after);
  return items.length === 0
    ? { sentence: `${now}, as before`, items: '' }
    : {
        sentence: `${now}, $${sum(before)} before`,
        items: [
          'Dollars a month, by the prices in `infra/tools/costs/prices.ts`; what flows comes on top.',
          '',
          '| what | before | | after | |',
          '|---|---|---|---|---|',
          ...items,
          `| **sum** | | **${sum(before)}** | | **${sum(after)}** |`,
        ].join('\n'),
      };
}

function changedItems(before: VersionCosts, after: VersionCosts): readonly string[] {
  const olds = new Map(before.items.map((item) => [item.what, item]));
  const news = new Map(after.items.map((item) => [item.what, item]));
  return [...new Set([...news.keys(), ...olds.keys()])]
    .filter((what) => olds.get(what)?.how !== news.get(what)?.how)
    .map((what) => `| ${cell(what)} | ${amount(olds.get(what))} | ${amount(news.get(what))} |`);
}

/** The reason why a sum is too high for the stack's budget; undefined when it is not. */
export function overBudget(costs: VersionCosts): string | undefined {
  return sum(costs) > costs.budget
    ? `The stack costs $${sum(costs)} a month while nothing flows, and its watching.monthlyBudgetDollars is ${costs.budget}.`
    : undefined;
}

function amount(item: z.infer<typeof cost> | undefined): string {
  return item === undefined ? ' | ' : `${cell(item.how)} | ${item.dollars?.toFixed(2) ?? '?'}`;
}

function sum({ items }: VersionCosts): number {
  return sumOf(items);
}
