import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Case, CaseEngine } from '../../pipeline/cases/case.ts';
import { arqueroEngine, incrementalEngine } from '../../pipeline/cases/engines.ts';
import { batchEngine } from '../../pipeline/cases/landed_engine.ts';
import { readCases } from '../../pipeline/cases/read_cases.ts';
import { failuresText } from '../../pipeline/cases/report.ts';
import { runCases } from '../../pipeline/cases/run_cases.ts';
import { runOnChange } from '../../pipeline/cases/watch.ts';
import { datasets, geo } from '../../pipeline/datasets/index.ts';
import { testFolder } from '../support/folder.ts';

const schemas = new Map(datasets.map(({ name, cleaning }) => [name, cleaning.schema]));
const ofGeo = (text: string) =>
  readCases('geo.cases.yaml', text, { kind: 'dataset', dataset: geo }, datasets).cases;

const wrong = `cases:
  - name: counts lines
    given: [{ind: 1, country: Peru}, {ind: 2}]
    expect: [{ind: 1, country: Mali}, {ind: 2}]
    then:
      - given: ['no event']
        expect: []
  - name: right
    given: [{ind: 1}]
    expect: [{ind: 1}]
`;

it('tells the rows that differ of the first step alone, engines that agree together', async () => {
  const failures = await runCases(ofGeo(wrong), [
    arqueroEngine(datasets),
    incrementalEngine(datasets),
    batchEngine(datasets),
  ]);
  expect(failuresText(failures, schemas)).toBe(`
geo.cases.yaml:2: geo: counts lines
  given geo:
      {"ind":1,"country":"Peru"}
      {"ind":2}
  Arquero; incremental, in the order given; incremental, reversed; incremental, one by one; the batch with a lake:
      ind | country | coordinates | timestamp
    - 1   | Mali    | null        | null
    + 1   | Peru    | null        | null
      2   | null    | null        | null
      (- expected, + got)
`);
});

it('tells lines that are wrongly in quarantine', async () => {
  const cases = ofGeo(`cases:
  - name: is quiet
    given: ['no event']
    expect: []
`);
  const failures = await runCases(cases, [batchEngine(datasets)]);
  expect(failuresText(failures, schemas)).toContain(`      quarantine:
      reason         | text
    + malformed_json | no event
`);
});

it('tells an error that ends an engine once', async () => {
  const broken: CaseEngine = {
    name: 'broken',
    run: async (cases: readonly Case[]) => [
      { name: 'broken', outcomes: cases.map(() => [{ failure: 'trace\nno disk' }]) },
    ],
  };
  const text = failuresText(await runCases(ofGeo(wrong), [broken]), schemas);
  expect(text.match(/no disk/g)).toHaveLength(1);
});

const folder = testFolder('watched');

it('runs again after a change of a definition or a case, and not after another', async () => {
  const inside = mkdtempSync(join(folder, 'queries-'));
  const stop = new AbortController();
  let runs = 0;
  await runOnChange(
    [folder],
    async () => {
      runs += 1;
      if (runs === 1) {
        writeFileSync(join(inside, 'notes.txt'), '');
        writeFileSync(join(inside, 'a.cases.yaml'), '');
      } else {
        stop.abort();
      }
    },
    stop.signal,
  );
  expect(runs).toBe(2);
});
