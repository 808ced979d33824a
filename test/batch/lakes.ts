import { expect } from 'vitest';
import { answer, cleanLanding } from '../../pipeline/batch/run.ts';
import { type ColumnarTable, rowsOf } from '../../pipeline/columns/table.ts';
import { datasets as all, geo } from '../../pipeline/datasets/index.ts';
import { readDeltaTable, tablePath } from '../../pipeline/delta/table.ts';
import { type Dataset, dataset } from '../../pipeline/plan/dataset.ts';
import { queries } from '../../queries/index.ts';
import { land } from '../support/landing.ts';

/** The files of `landFirst`, and one more. */
export const files = {
  pin0: 'topics/pin/partition=0/pin+0+0000000000.json',
  pin1: 'topics/pin/partition=0/pin+0+0000000009.json',
  geo0: 'topics/a.geo/partition=0/a.geo+0+0000000000.json',
  user0: 'topics/user/partition=0/user+0+0000000000.json',
};

/** Lands a file of each dataset, with good and bad lines. */
export async function landFirst(landing: string): Promise<void> {
  await land(landing, files.pin0, ['{"index":1,"category":"art","poster_name":"a"}', 'rubbish', '']);
  await land(landing, files.geo0, ['{"ind":1,"country":"Peru"}', '{"country":"no key"}']);
  await land(landing, files.user0, ['{"ind":1,"age":20}', '{"ind":1,"age":20}']);
}

/** Geo with other rules, and other columns. */
export const changedGeo = dataset({
  name: 'geo',
  description: geo.description,
  sourceTable: geo.sourceTable,
  raw: { ind: 'bigint', timestamp: 'text', latitude: 'double', longitude: 'double', country: 'text' },
  key: 'ind',
  clean: ({ ind, timestamp }) => ({ ind, country: timestamp, continent: timestamp }),
});

const sorted = (table: ColumnarTable) =>
  rowsOf(table)
    .map((row) => JSON.stringify(Object.values(row)))
    .sort();

/** The rows of every table of a lake, sorted, by its path. */
export async function rowsOfLake(lake: string, datasets: readonly Dataset[] = all) {
  const paths = [
    ...datasets.flatMap(({ name }) => [`silver/${name}`, `quarantine/${name}`]),
    ...queries.map(({ name }) => `gold/${name}`),
  ];
  const tables: [string, string[]][] = [];
  for (const path of paths) {
    tables.push([path, sorted(await readDeltaTable(tablePath(lake, path)))]);
  }
  return Object.fromEntries(tables);
}

/** The contents of a lake into which all landing files were read at once. */
async function rowsOfLanding(landing: string, datasets: readonly Dataset[] = all) {
  const { silver, quarantine } = await cleanLanding(landing, datasets);
  const named = (layer: string, tables: Readonly<Record<string, ColumnarTable>>) =>
    Object.entries(tables).map(([name, table]) => [`${layer}/${name}`, sorted(table)]);
  const gold = answer(queries, silver).map(({ query, table }) => [`gold/${query.name}`, sorted(table)]);
  return Object.fromEntries([...named('silver', silver), ...named('quarantine', quarantine), ...gold]);
}

/** The record of a lake: its files, sorted, without the lines of tables; lines without a file are there only while a run is not done. */
export async function recordOf(lake: string): Promise<string[]> {
  const rows = rowsOf(await readDeltaTable(tablePath(lake, 'files_read')));
  return rows.flatMap(({ file, dataset }) => (String(dataset).includes('/') ? [] : [String(file)])).sort();
}

/** Holds a lake against its landing files read at once. */
export async function expectLakeOf(lake: string, landing: string): Promise<void> {
  expect(await rowsOfLake(lake)).toEqual(await rowsOfLanding(landing));
}
