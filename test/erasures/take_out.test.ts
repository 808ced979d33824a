import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { pin } from '../../pipeline/datasets/index.ts';
import { DeltaTable, overwriteDeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';
import { namesKey } from '../../pipeline/erasures/keys_of_line.ts';
import { takeOutOfBronze, takeOutOfSilver } from '../../pipeline/erasures/take_out.ts';
import { Erasures } from '../../pipeline/erasures.ts';
import { temporaryFolder } from '../support/folder.ts';

it.each<[string, boolean]>([
  ['{"index":7528,"title":"cut of', true],
  ['{"index" : 7528} x', true],
  ['{"index":"7528"}', true],
  ['{"index":7528.0}', true],
  ['{"index":1}{"index":7528}', true],
  ['"{\\"index\\":7528}"', true],
  [
    `data:application/octet-stream;base64,${Buffer.from('{"index":7528,"title":"\xff').toString('base64')}`,
    true,
  ],
  ['{"index":75281}', false],
  ['{"index":-7528}', false],
  ['{"ind":7528}', false],
  ['{"title":"7528"', false],
  ['', false],
])('the key of %s is read, or none', (line, isNamed) => {
  expect(namesKey(line, 'index', (key) => key === 7528)).toBe(isNamed);
});

it('takes lines out of the raw copy of landing files by the time of their file, and leaves what tells of the files', async () => {
  const path = temporaryFolder('bronze');
  const schema = { file: 'text', modified: 'bigint', start: 'bigint', line: 'text', bytes: 'text' } as const;
  const row = (file: string, modified: number, line: string | null, bytes: string | null = null) => ({
    ...{ file, modified, start: (line ?? bytes) ? 0 : null, line, bytes },
  });
  const odd = Buffer.from([0x7b, 0x22, ...Buffer.from('ind\\u0065x":2,"title":"'), 0xff, 0x22, 0x7d]);
  const rows = [
    row('a', 10, null),
    row('a', 10, '{"index":1}'),
    row('a', 10, '{"index":2}'),
    row('a', 10, '{"index":3,'),
    row('a', 10, '{"ind\\u0065x":2}'),
    row('b', 30, null),
    row('b', 30, '{"index":2}'),
    row('b', 30, '{"index":3}'),
    row('c', 10, null, odd.toString('base64')),
  ];
  await overwriteDeltaTable(path, tableOfRows(schema, rows));
  const erasures = new Erasures([
    { key: 2, erasedAt: 20, returns: true },
    { key: 3, erasedAt: 20, returns: false },
  ]);
  expect(await takeOutOfBronze(path, pin, erasures)).toEqual({ rows: 5, files: 1 });
  const left = rowsOf(await readDeltaTable(path)).map(({ file, line }) => [file, line]);
  expect(left).toEqual([
    ['a', null],
    ['a', '{"index":1}'],
    ['b', null],
    ['b', '{"index":2}'],
  ]);
  expect(await takeOutOfBronze(`${path}/none`, pin, erasures)).toBeUndefined();
});

it('a commit that frees a table changes its metadata, so that no transaction of Spark passes it by, and says that it only takes rows out', async () => {
  const path = temporaryFolder('freed');
  await overwriteDeltaTable(path, tableOfRows({ ind: 'bigint' }, [{ ind: 1 }]));
  await takeOutOfSilver(path, pin, new Erasures([{ key: 2, erasedAt: 20, returns: true }]));
  const entry = await readFile(join(path, '_delta_log', '00000000000000000001.json'), 'utf8');
  const { metaData, commitInfo } = Object.assign(
    {},
    ...entry
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  expect(metaData.configuration).toEqual({ 'pinterest.erasedUpTo': '20' });
  expect(commitInfo.userMetadata).toBe('{"erased":20}');
  expect(rowsOf(await (await DeltaTable.open(path)).read())).toEqual([{ ind: 1 }]);
});
