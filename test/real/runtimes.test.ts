/** The commands on each supported version of Node. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { readDeltaTable } from '../../pipeline/delta/table.ts';
import { suiteFolder } from '../support/folder.ts';
import { runCommand } from '../support/process.ts';
import { describeReal, majorVersions, runtimes } from './systems.ts';

/** Progress is written to stderr too. */
const noise = /error|warn|deprecat/i;

describeReal('supported versions of Node', [runtimes], () => {
  const folder = suiteFolder('runtimes');

  it.concurrent.each(majorVersions)('runs start, batch and stream on Node %i', async (major) => {
    const data = join(folder, String(major));
    const node = runtimes.node(major);
    const run = async (command: string) => {
      const { status, output, errors } = await runCommand(command, { node, cwd: folder });
      expect({ command, status, errors }).toEqual({
        command,
        status: 0,
        errors: expect.not.stringMatching(noise),
      });
      return output;
    };
    const started = await run(
      `start --posts 150 --rate 2000 --seed 7 --page-port 0 --no-open --data ${data}`,
    );
    expect(started).toContain('Batch and stream: the same rows, the same answers');
    const answers = async (...options: string[]) => {
      const file = join(data, 'answers.json');
      await run(['batch', '--landing', join(data, 'lake'), '--json', file, ...options].join(' '));
      return JSON.parse(await readFile(file, 'utf8'));
    };
    const expected = await answers();
    expect(await answers('--lake', join(data, 'batch'))).toEqual(expected);
    const log = `embedded:${join(data, 'log')}`;
    await run(`stream --from ${log} --lake ${join(data, 'stream')} --no-page --until-idle 1`);
    const gold = await readDeltaTable(join(data, 'stream', 'stream', 'gold', 'users_joined_by_year'));
    expect(rowsOf(gold)).toHaveLength(6);
  });
});
