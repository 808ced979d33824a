import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { costsTable, sumOf, switchesOf, switchesTable } from '../../infra/tools/costs/markdown.ts';
import { bronzeMonthly, monthlyCosts } from '../../infra/tools/costs/month.ts';
import { repositoryFolder, settingsOf } from './stacks.ts';

const run = promisify(execFile);

const stacks = ['dev', 'mount', 'prod'].map((stack) => [stack, settingsOf(stack)] as const);

describe('what a stack costs', () => {
  it('is written down with its sums; `npx vitest run test/infra/costs.test.ts -u` sums again', async () => {
    const text = [
      '# What it costs a month',
      '',
      'What is paid for being there while nothing flows, from the stacks’ settings and the prices in',
      '`infra/tools/costs/prices.ts`, which says where each was seen: none on a pricing page; those of the machines of Databricks and',
      'of its units are recollected. What flows comes on top: requests, records, stored GB, data through NAT, and Databricks by',
      'use. A run of the batch in mount (one m6id.large for ten minutes) costs about $0.03; an hour of the smallest warehouse $2 to',
      '$3 (4 units), which ends by itself after ten minutes. The budget of a stack is about the whole AWS account, and does not',
      'see the units of Databricks, which Databricks bills: for these a new workspace has a budget of its own',
      '(`databricks.monthlyBudgetDollars`). `npm run costs -- --stack dev` prints the sums of a stack as you have set it, and with',
      '`lake.bronzeDays` what the raw copy takes in the end for each GB of lines that lands a day.',
      '',
      switchesTable(stacks.flatMap(([stack, settings]) => switchesOf(stack, settings))),
      ...stacks.map(([stack, settings]) => costsTable(stack, monthlyCosts(settings))),
    ].join('\n');
    await expect(text).toMatchFileSnapshot(fileURLToPath(new URL('../../docs/costs.md', import.meta.url)));
  });

  it('is less when paused, and within the budget of the stack', () => {
    for (const [, settings] of stacks) {
      expect(sumOf(monthlyCosts({ ...settings, paused: true }))).toBeLessThan(sumOf(monthlyCosts(settings)));
      expect(sumOf(monthlyCosts(settings))).toBeLessThan(settings.watching.monthlyBudgetDollars);
    }
  });

  it('has storage for the raw copy on top, by the days that it is kept', () => {
    const [[, dev] = expect.fail()] = stacks;
    expect(bronzeMonthly(dev)).toBeUndefined();
    const kept = (bronzeDays: number) => bronzeMonthly({ ...dev, lake: { ...dev.lake, bronzeDays } });
    expect(kept(400)).toBeCloseTo(400 * 0.023 * 0.35, 3);
  });

  it('has a price for everything in every stack', () => {
    for (const [, settings] of stacks) {
      expect(monthlyCosts(settings).filter(({ dollars }) => dollars === undefined)).toEqual([]);
    }
  });
});

describe('npm run costs', () => {
  it('prints the sums that the docs have', async () => {
    const { stdout } = await run(
      process.execPath,
      [...['--import', 'tsx', 'pipeline/commands/costs.ts', '--stack', 'prod']],
      { cwd: repositoryFolder },
    );
    const [, prod] = stacks.find(([stack]) => stack === 'prod') ?? [];
    expect(prod && stdout).toContain(`| prod | ${prod && sumOf(monthlyCosts(prod))} |`);
    expect(stdout).toContain('| **sum** |');
  });
});
