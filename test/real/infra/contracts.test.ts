import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { contractOf } from '../../../infra/tools/catalogue/contract.ts';
import { placesOf } from '../../../infra/tools/catalogue/places.ts';
import { runBatch } from '../../../pipeline/batch/run.ts';
import { datasets, geo } from '../../../pipeline/datasets/index.ts';
import { queries } from '../../../queries/index.ts';
import { graphOf } from '../../infra/stacks.ts';
import { suiteFolder } from '../../support/folder.ts';
import { datacontract, describeReal } from '../systems.ts';

describeReal('the contracts of the datasets', [datacontract], () => {
  const lake = suiteFolder('contracts');
  const contracts: Record<string, string> = {};

  beforeAll(async () => {
    const places = placesOf('dev', (await graphOf('dev')).nodes, datasets);
    for (const dataset of datasets) {
      contracts[dataset.name] = contractOf(dataset, places, '1.2.3');
    }
    await writeLanding(lake, { posts: 300, seed: 1 });
    await runBatch({ landing: lake, lake, datasets, queries });
    // Rows that came twice, and a second file of each table.
    await writeLanding(lake, { posts: 300, seed: 1, firstPost: 200, partitions: 2 });
    await runBatch({ landing: lake, lake, datasets, queries });
  });

  it('hold for the tables of a lake: columns, types, key and rows', async () => {
    const found = await datacontract.check(contracts, join(lake, 'silver'));
    for (const { name, clean } of datasets) {
      const checks = found[name] ?? [];
      expect(checks.filter(({ result }) => result !== 'passed')).toEqual([]);
      // The presence and the type of each column, the key and the rows.
      expect(checks.length, name).toBeGreaterThanOrEqual(2 * Object.keys(clean).length + 2);
    }
  });

  it('fail for a table with another type and without a column', async () => {
    const text = contracts.geo ?? '';
    const broken = text
      .replace(
        'logicalType: timestamp\n        physicalType: TIMESTAMP',
        'logicalType: integer\n        physicalType: BIGINT',
      )
      .replace('- name: country', '- name: land');
    const { geo: checks = [] } = await datacontract.check({ [geo.name]: broken }, join(lake, 'silver'));
    const failed = checks.filter(({ result }) => result === 'failed').map(({ name }) => name);
    expect(failed).toEqual(
      expect.arrayContaining([
        expect.stringContaining("'land' is present"),
        expect.stringContaining('timestamp has type integer'),
      ]),
    );
  });
});
