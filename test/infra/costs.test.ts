import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../infra/configuration/settings.ts';
import { type Cost, monthlyCosts } from '../../infra/tools/costs/month.ts';
import { settingsOf } from './stacks.ts';

const dev = settingsOf('dev');
const prod = settingsOf('prod');
const sum = (costs: readonly Cost[]) =>
  Math.round(costs.reduce((total, { dollars }) => total + (dollars ?? 0), 0));

const switches: readonly (readonly [string, Settings])[] = [
  ['dev', dev],
  ['dev, `paused: true`', { ...dev, paused: true }],
  [
    'dev with Airflow (`mw1.small`)',
    { ...dev, airflow: { ...dev.airflow, enabled: true, environmentClass: 'mw1.small' } },
  ],
  ['dev, streaming job running', { ...dev, databricks: { ...dev.databricks, streaming: 'running' } }],
  ['prod', prod],
  ['prod, `paused: true`', { ...prod, paused: true }],
  ['prod without Airflow', { ...prod, airflow: { ...prod.airflow, enabled: false } }],
  ['prod, streaming job paused', { ...prod, databricks: { ...prod.databricks, streaming: 'paused' } }],
];

function table(title: string, costs: readonly Cost[]): string {
  const rows = costs.map(
    ({ what, how, dollars, pausable }) =>
      `| ${what} | ${how} | ${dollars?.toFixed(2) ?? '?'} | ${pausable ? 'yes' : ''} |`,
  );
  return [
    `## ${title}`,
    '',
    '| what | how | $ a month | gone when paused |',
    '|---|---|---|---|',
    ...rows,
    `| **sum** | | **${sum(costs)}** | |`,
    '',
  ].join('\n');
}

describe('what a stack costs', () => {
  it('is written down with its sums; `npx vitest run test/infra/costs.test.ts -u` reckons anew', async () => {
    const text = [
      '# What it costs a month',
      '',
      'What is paid for being there while nothing flows, from the stacks’ settings and the prices in',
      '`infra/tools/costs/prices.ts`, which says where each was seen: none on a pricing page; those of the machines of Databricks and',
      'of its units are recollected. What flows comes on top: requests, records, stored GB, data through NAT, and Databricks by',
      'use. A run of the batch in dev (one m6id.large for ten minutes) costs about $0.03; an hour of the smallest warehouse $2 to',
      '$3 (4 units), which ends by itself after minutes. The budget of a stack is about the whole AWS account, and does not see',
      'the units of Databricks, which Databricks bills.',
      '',
      '| stack and switch | $ a month |',
      '|---|---|',
      ...switches.map(([name, settings]) => `| ${name} | ${sum(monthlyCosts(settings))} |`),
      '',
      table('dev', monthlyCosts(dev)),
      table('prod', monthlyCosts(prod)),
    ].join('\n');
    await expect(text).toMatchFileSnapshot(fileURLToPath(new URL('../../docs/costs.md', import.meta.url)));
  });

  it('is less when paused, and within the budget of the stack', () => {
    for (const settings of [dev, prod]) {
      expect(sum(monthlyCosts({ ...settings, paused: true }))).toBeLessThan(sum(monthlyCosts(settings)));
      expect(sum(monthlyCosts(settings))).toBeLessThan(settings.watching.monthlyBudgetDollars);
    }
  });

  it('has a price for everything in both stacks', () => {
    for (const settings of [dev, prod]) {
      expect(monthlyCosts(settings).filter(({ dollars }) => dollars === undefined)).toEqual([]);
    }
  });
});
