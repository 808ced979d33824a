import { describe, expect, it } from 'vitest';
import { costsOfSettings, moneyOf, overBudget } from '../../infra/tools/preview/money.ts';
import { settingsOf } from './stacks.ts';

const dev = settingsOf('dev');
const costs = costsOfSettings(dev);

describe('the money of a change', () => {
  it('is one sentence where no item differs', () => {
    const { sentence, items } = moneyOf(costs, costs);
    expect(sentence).toMatch(/^\$[0-9]+ a month while nothing flows, as before$/);
    expect(items).toBe('');
  });

  it('lists the items that differ, before and after', () => {
    const settings = { ...dev, kafka: { ...dev.kafka, brokers: dev.kafka.brokers + 1 } };
    const { sentence, items } = moneyOf(costs, costsOfSettings(settings));
    expect(sentence).toMatch(/^\$[0-9]+ a month while nothing flows, \$[0-9]+ before$/);
    expect(items).toContain(
      '| Kafka brokers, kafka.t3.small | 2 × 0.0456 × 730 h | 66.58 | 3 × 0.0456 × 730 h | 99.86 |',
    );
    expect(items).not.toContain('NAT gateways');
    const paused = moneyOf(costs, costsOfSettings({ ...dev, paused: true })).items;
    expect(paused).toMatch(/\| NAT gateways \| 1 × 0.045 × 730 h \| 32.85 \| {2}\| {2}\|/);
  });

  it('tells the costs alone where the other version tells none', () => {
    expect(moneyOf(undefined, costs)).toEqual({
      sentence: expect.stringMatching(/^\$[0-9]+ a month while nothing flows$/),
      items: '',
    });
  });

  it('is too much where the sum exceeds the budget of the stack', () => {
    expect(overBudget(costs)).toBeUndefined();
    const small = { ...dev, watching: { ...dev.watching, monthlyBudgetDollars: 10 } };
    expect(overBudget(costsOfSettings(small))).toMatch(/watching.monthlyBudgetDollars is 10/);
  });
});
