/** Open files that are really used up: a process that may open few. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { NodeProcess } from '../support/process.ts';

it('a topic that cannot be opened is taken back, and the log goes on and opens again', async () => {
  const folder = temporaryFolder('open-files');
  const program = fileURLToPath(new URL('./open_files_process.ts', import.meta.url));
  const few = ['-c', 'ulimit -n 200 && exec "$0" "$@"', process.execPath];
  const tsx = ['--import', import.meta.resolve('tsx')];
  const { status, output, errors } = await new NodeProcess([...few, ...tsx, program, folder], { node: 'sh' })
    .ended;
  expect(status, errors).toBe(0);
  expect(JSON.parse(output)).toEqual({
    refused: expect.stringMatching(/^unavailable: Making the topic many .*EMFILE/),
    topics: ['pin'],
    taken: { shard: '0', position: '0' },
  });
  const aside = join(folder, 'deleting');
  expect(existsSync(aside) ? readdirSync(aside) : []).toEqual([]);
});
