import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generatePost } from '../../emulator/generator.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { readDeltaTable } from '../../pipeline/lake/delta_table.ts';
import { rowsOf } from '../../pipeline/table/columnar_table.ts';
import { queries } from '../../queries/index.ts';
import { cleanLines, nineAnswers } from '../oracle/oracle.ts';

let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-command-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, maxRetries: 5 });
});

/** Starts the command in an empty folder; `output` grows while it runs. */
function start(...options: readonly string[]) {
  const program = fileURLToPath(new URL('../../pipeline/commands/start.ts', import.meta.url));
  const run = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, ...options], {
    cwd: folder,
  });
  child = run;
  const said = { output: '', errors: '' };
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.output += text;
  });
  run.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.errors += text;
  });
  const ended = once(run, 'close').then(([status]) => ({ ...said, status }));
  const says = async (what: string) => {
    while (!said.output.includes(what) && run.exitCode === null) {
      await Promise.race([once(run.stdout, 'data'), ended]);
    }
  };
  return { run, ended, says };
}

/** The answers that the first posts must have, computed the second way. */
function expectedAnswers(posts: number, seed: number) {
  const lines = Object.fromEntries(
    datasets.map(({ name }) => [
      name,
      Array.from({ length: posts }, (_, i) => JSON.stringify({ ...generatePost(i, seed) }[name])),
    ]),
  );
  return nineAnswers(cleanLines(lines).silver);
}

async function goldTables() {
  const tables = queries.map(async ({ name }) => [
    name,
    rowsOf(await readDeltaTable(join(folder, 'data', 'lake', 'gold', name))),
  ]);
  return Object.fromEntries(await Promise.all(tables));
}

describe('npm start', () => {
  it('takes posts all the way to the answers, and goes on behind them the next time', async () => {
    const first = await start('--posts', '120', '--rate', '2000', '--seed', '7').ended;
    expect(first).toMatchObject({ status: 0, errors: '' });
    expect(first.output).toMatch(/HTTP API {3}http:\/\/127\.0\.0\.1:\d+\/topics/);
    expect(await goldTables()).toEqual(expectedAnswers(120, 7));
    expect(await readFile(join(folder, 'data', 'report', 'index.html'), 'utf8')).toContain('360 events');

    const second = await start('--posts', '80', '--rate', '2000', '--seed', '7').ended;
    expect(second).toMatchObject({ status: 0, errors: '' });
    expect(await goldTables()).toEqual(expectedAnswers(200, 7));
  });

  it('ends cleanly on Ctrl-C, with the answers of what was sent', async () => {
    const { run, ended, says } = start('--rate', '500');
    await says(' posts sent');
    run.kill('SIGINT');
    const { status, output, errors } = await ended;
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    const sent = Number(/Sent (\d+) posts/.exec(output)?.[1]);
    expect(await goldTables()).toEqual(expectedAnswers(sent, 1));
  });

  it('loses nothing that was taken when it is killed in the middle', async () => {
    const { run, ended, says } = start('--rate', '500');
    await says(' posts sent');
    run.kill('SIGKILL');
    await ended;
    const { status, errors } = await start('--posts', '50', '--rate', '2000').ended;
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    const pins = await readDeltaTable(join(folder, 'data', 'lake', 'silver', 'pin'));
    const keys = rowsOf(pins).map((row) => Number(row.ind));
    expect(keys.length).toBeGreaterThanOrEqual(50);
    expect([...keys].sort((a, b) => a - b)).toEqual(keys.map((_, i) => i));
  });

  it('refuses a rate that is none', async () => {
    expect(await start('--rate', 'fast').ended).toMatchObject({ status: 2, output: '' });
  });
});
