import { beforeEach, describe, expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { DeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import {
  appendErasures,
  ErasureLog,
  Erasures,
  erasuresApplied,
  readErasures,
} from '../../pipeline/erasures.ts';
import { testFolder } from '../support/folder.ts';

const folder = testFolder('erasures');
let lakes = 0;
let lake = '';
beforeEach(() => {
  lakes += 1;
  lake = `${folder}/lake-${lakes}`;
});
const forEver = { reason: 'asked for', returns: false };
const letsReturn = { reason: null, returns: true };
const at = (time: number) => ({ clock: () => time });

describe('erasures', () => {
  it('are none in a lake without the table, which is not made', async () => {
    const erasures = await readErasures(lake);
    expect([erasures.size, erasures.upTo, erasures.counts(1, 0)]).toEqual([0, -1, true]);
    expect(await DeltaTable.openIfExists(`${lake}/erasures`)).toBeUndefined();
  });

  it('are rows of the table', async () => {
    await appendErasures(lake, [7528, -3], forEver, at(1000));
    expect(rowsOf(await readDeltaTable(`${lake}/erasures`))).toEqual([
      { ind: 7528, erased_at: 1000, reason: 'asked for', returns: false },
      { ind: -3, erased_at: 1000, reason: 'asked for', returns: false },
    ]);
  });

  it('hold for ever, or let return what is posted later', async () => {
    await appendErasures(lake, [1], forEver, at(1000));
    await appendErasures(lake, [2], letsReturn, at(2000));
    const erasures = await readErasures(lake);
    const times = [0, 2000, 2001, Number.MAX_SAFE_INTEGER];
    expect(times.map((time) => erasures.counts(1, time))).toEqual([false, false, false, false]);
    expect(times.map((time) => erasures.counts(2, time))).toEqual([false, false, true, true]);
    expect(times.map((time) => erasures.counts(3, time))).toEqual([true, true, true, true]);
    expect([...erasures.until]).toEqual([
      [1, Infinity],
      [2, 2000],
    ]);
    expect(erasures.with([1], true, 10).until.get(1)).toBe(2001);
  });

  it('of one key are decided by the later, though a clock goes backwards', async () => {
    await appendErasures(lake, [1, 2], forEver, at(5000));
    await appendErasures(lake, [1], letsReturn, at(1000));
    const erasures = await readErasures(lake);
    expect([erasures.counts(1, 5001), erasures.counts(1, 5002), erasures.counts(2, 5002)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([...erasures.keysAfter(5000)]).toEqual([1]);
    expect(erasures.upTo).toBe(5001);
  });

  it('that several append at once are all kept, each at a time of its own', async () => {
    await Promise.all([1, 2, 3, 4].map((key) => appendErasures(lake, [key], forEver, at(1000))));
    const rows = rowsOf(await readDeltaTable(`${lake}/erasures`));
    expect(rows.map(({ ind }) => ind).sort()).toEqual([1, 2, 3, 4]);
    expect(new Set(rows.map(({ erased_at }) => erased_at)).size).toBe(4);
  });

  it('without a key or a time, as others may have written, erase nothing', () => {
    const schema = { ind: 'bigint', erased_at: 'timestamp', returns: 'boolean' } as const;
    const rows = [
      { ind: null, erased_at: 5, returns: null },
      { ind: 1, erased_at: null, returns: true },
    ];
    expect(Erasures.of(tableOfRows(schema, rows))).toMatchObject({ size: 0, upTo: -1 });
  });

  it('are seen by who follows them, once', async () => {
    const log = new ErasureLog(lake);
    expect(await log.refresh()).toBe(false);
    await appendErasures(lake, [1], forEver);
    expect([await log.refresh(), await log.refresh(), log.erasures.size]).toEqual([true, false, 1]);
    await appendErasures(lake, [2], forEver);
    expect([await log.refresh(), await log.refresh(), log.erasures.size]).toEqual([true, false, 2]);
  });

  it('are applied to a table up to the time in its log', async () => {
    const table = await DeltaTable.create(`${lake}/silver`, { ind: 'bigint' });
    expect(await erasuresApplied(table)).toBe(-1);
    const erasures = await appendErasures(lake, [1], forEver, at(1000));
    await table.append([], { txn: erasures.txn });
    expect(await erasuresApplied(table)).toBe(1000);
    expect([...Erasures.none.keysAfter(-1), ...erasures.keysAfter(1000)]).toEqual([]);
  });
});
