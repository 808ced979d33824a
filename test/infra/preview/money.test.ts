import { describe, expect, it } from 'vitest';
import { costsOfSettings, moneyInWords, moneyOf, overBudget } from '../../../infra/tools/preview/money.ts';
import { settingsOf } from '../stacks.ts';

const dev = settingsOf('dev');
const costs = costsOfSettings(dev);

describe('the money of a change', () => {
  it('is one sentence where no item differs', () => {
    const money = moneyOf(costs, costs);
    expect(moneyInWords(money)).toMatch(/^\$[0-9]+ a month while nothing flows, as before$/);
    expect(money.items.filter(({ differs }) => differs)).toEqual([]);
  });

  it('lists the items that differ, before and after', () => {
    const settings = { ...dev, kafka: { ...dev.kafka, brokers: dev.kafka.brokers + 1 } };
    const money = moneyOf(costs, costsOfSettings(settings));
    expect(moneyInWords(money)).toMatch(/^\$[0-9]+ a month while nothing flows, \$[0-9]+ before$/);
    expect(money.items.filter(({ differs }) => differs).map(({ what }) => what)).toEqual([
      'Kafka brokers, kafka.t3.small',
      'brokers’ disks, GB',
      'alarms',
    ]);
    const paused = moneyOf(costs, costsOfSettings({ ...dev, paused: true }));
    expect(paused.items.find(({ what }) => what === 'NAT gateways')).toMatchObject({
      before: { how: '1 × 0.045 × 730 h' },
      after: undefined,
      differs: true,
    });
  });

  it.each(['dev', 'mount', 'prod'])('has a name of its own for each item of %s', (stack) => {
    const names = costsOfSettings(settingsOf(stack)).items.map(({ what }) => what);
    expect([...new Set(names)]).toEqual(names);
  });

  it('pays for the stream and the alarm of each dataset', () => {
    const [old, now] = [costsOfSettings(dev, 3), costsOfSettings(dev, 4)];
    expect(moneyOf(old, now).items.filter(({ differs }) => differs)).toMatchObject([
      { what: 'Kinesis shards', after: { how: '4 × 0.015 × 730 h' } },
      { what: 'alarms', after: { how: '7 × 0.1' } },
    ]);
  });

  it('tells the costs alone where the other version tells none', () => {
    const money = moneyOf(undefined, costs);
    expect(moneyInWords(money)).toMatch(/^\$[0-9]+ a month while nothing flows$/);
    expect(money.items.filter(({ differs }) => differs)).toEqual([]);
    expect(moneyInWords(moneyOf(costs, undefined))).toBe('not told');
  });

  it('is too much where the sum exceeds the budget of the stack', () => {
    expect(overBudget(moneyOf(costs, costs))).toBeUndefined();
    const small = { ...dev, watching: { ...dev.watching, monthlyBudgetDollars: 10 } };
    expect(overBudget(moneyOf(costs, costsOfSettings(small)))).toMatch(/watching.monthlyBudgetDollars is 10/);
  });
});
