/** The notebook that erases, over tables of a few rows: those of both paths are freed, and of nothing else. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseSettings } from '../../../pipeline/cases/spark_engine.ts';
import { type Row, rowsOf, tableOfRows } from '../../../pipeline/columns/table.ts';
import { pin } from '../../../pipeline/datasets/index.ts';
import { DeltaTable } from '../../../pipeline/delta/table.ts';
import { runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { appendErasures, readErasures } from '../../../pipeline/erasures.ts';
import type { Schema } from '../../../pipeline/plan/types.ts';
import type { SparkSession } from '../systems/spark.ts';
import { describeReal, spark } from '../systems.ts';

const line = (key: number) => `{"index":${key},"title":"a"}`;
const cut = (key: number) => line(key).slice(0, -2);
/** Bytes that are no text. */
const bytes = (key: number) => Buffer.concat([Buffer.from(cut(key)), Buffer.from([0xff])]).toString('base64');

/** By table, its columns, and the rows that a key has there, posted at a time. */
const tables: Readonly<Record<string, readonly [Schema, (key: number, at: number) => readonly Row[]]>> = {
  'silver/pin': [{ ind: 'bigint' }, (ind) => [{ ind }]],
  'stream/silver/pin': [{ ind: 'bigint' }, (ind) => [{ ind }]],
  'quarantine/pin': [{ text: 'text' }, (key) => [{ text: cut(key) }]],
  'stream/quarantine/pin': [
    { text: 'text' },
    (key) => [{ text: cut(key) }, { text: `data:application/octet-stream;base64,${bytes(key)}` }],
  ],
  'bronze/pin': [
    { file: 'text', size: 'bigint', modified: 'bigint', start: 'bigint', line: 'text', bytes: 'text' },
    (key, modified) =>
      [
        { start: 0, line: line(key), bytes: null },
        { start: 40, line: null, bytes: bytes(key) },
      ].map((of) => ({ file: `${key}.json`, size: 80, modified, ...of })),
  ],
};

describeReal('the notebook that erases', [spark], () => {
  let session: SparkSession;
  let lake: string;
  /** When each key was posted. */
  const left = new Map<number, number>();
  /** There are no landing files: `erase_landing.test.ts` has some. */
  const run = (widgets: Readonly<Record<string, string>>) =>
    runNotebook(session, notebookSources([pin], []).pinterest_erase, { lake, landing: lake, ...widgets });

  beforeAll(async () => {
    session = await spark.share(caseSettings);
    lake = join(session.folder, 'lake');
    for (const key of [1, 2, 3, 4]) {
      await post(key, 1);
    }
  });
  afterAll(() => session?.stop());

  async function post(key: number, at: number): Promise<void> {
    for (const [path, [schema, rowsOfKey]] of Object.entries(tables)) {
      const table = await DeltaTable.openOrCreate(join(lake, path), schema);
      await table.append([tableOfRows(schema, rowsOfKey(key, at))]);
    }
    left.set(key, at);
  }

  async function expectLeft(): Promise<void> {
    const { upTo } = await readErasures(lake);
    const found: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    for (const [path, [schema, rowsOfKey]] of Object.entries(tables)) {
      const sorted = (rows: readonly Row[]) =>
        rows.map((row) => JSON.stringify(Object.keys(schema).map((column) => row[column]))).sort();
      const table = await DeltaTable.open(join(lake, path));
      found[path] = [await table.txnVersion('erasures'), ...sorted(rowsOf(await table.read()))];
      // The raw copy does not say up to when: it is searched anew each time.
      const free = path.startsWith('bronze/') ? undefined : upTo;
      expected[path] = [free, ...sorted([...left].flatMap(([key, at]) => rowsOfKey(key, at)))];
    }
    expect(found).toEqual(expected);
  }

  it('takes posts out of silver and quarantine of both paths and out of the raw copy', async () => {
    left.delete(2);
    const { printed } = await run({ keys: '2' });
    expect(printed).toContain('stream/quarantine/pin: 2 rows taken out\n');
    await expectLeft();
  });

  it('leaves what was posted again with leave to return, and carries out what others have committed', async () => {
    left.delete(3);
    await run({ keys: '3', letReturn: 'yes' });
    await expectLeft();
    await post(3, Date.now() + 60_000);
    await appendErasures(lake, [4], { reason: null, returns: false });
    left.delete(4);
    expect((await run({})).printed).toContain('0 posts erased now, 3 in all');
    await expectLeft();
  });
});
