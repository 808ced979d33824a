import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { generatePost } from '../../emulator/generator.ts';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { readDeltaTable } from '../../pipeline/delta/table.ts';
import { queries } from '../../queries/index.ts';
import { cleanLines, nineAnswers } from '../oracle/oracle.ts';
import { testFolder } from '../support/folder.ts';
import { type NodeProcess, startCommand } from '../support/process.ts';
import { EventReader } from '../ui/web/event_reader.ts';

const folder = testFolder('start-command');
let started: NodeProcess | undefined;
afterEach(() => started?.kill());

/** Starts the command in an empty folder, with the page at any port. */
function start(options: string): NodeProcess {
  started = startCommand(`start --page-port 0 ${options}`, { cwd: folder });
  return started;
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

/** The gold tables of a way, and the keys of each of its silver tables, sorted. */
async function tablesOf(way: 'batch' | 'stream') {
  const lake = join(folder, 'data', 'lake', ...(way === 'stream' ? ['stream'] : []));
  const read = async (layer: string, name: string) => rowsOf(await readDeltaTable(join(lake, layer, name)));
  const gold = queries.map(async ({ name }) => [name, await read('gold', name)] as const);
  const keys = datasets.map(async ({ name }) => {
    const rows = await read('silver', name);
    return rows.map(({ ind }) => Number(ind)).sort((a, b) => a - b);
  });
  return { gold: Object.fromEntries(await Promise.all(gold)), keys: await Promise.all(keys) };
}

/** The required state of both paths after the first posts: every key once in every dataset, and the answers. */
function expectedTables(posts: number, seed: number) {
  const keys = Array.from({ length: posts }, (_, post) => post);
  return { gold: expectedAnswers(posts, seed), keys: datasets.map(() => keys) };
}

async function expectBothWays(posts: number, seed: number): Promise<void> {
  expect(await tablesOf('batch')).toEqual(expectedTables(posts, seed));
  expect(await tablesOf('stream')).toEqual(expectedTables(posts, seed));
}

describe('npm start', () => {
  it('takes posts on both paths to the same answers, and continues after them the next time', async () => {
    const first = await start('--posts 120 --rate 2000 --seed 7').ended;
    expect(first).toMatchObject({ status: 0, errors: '' });
    expect(first.output).toMatch(/^Live page {2}http:\/\/127\.0\.0\.1:\d+\/\n/);
    expect(first.output).toMatch(/HTTP API {3}http:\/\/127\.0\.0\.1:\d+\/topics/);
    expect(first.output).toContain('Batch and stream: the same rows, the same answers');
    await expectBothWays(120, 7);
    expect(await readFile(join(folder, 'data', 'report', 'index.html'), 'utf8')).toContain('360 events');

    const second = await start('--posts 80 --rate 2000 --seed 7').ended;
    expect(second).toMatchObject({ status: 0, errors: '' });
    await expectBothWays(200, 7);
  });

  it('ends cleanly on Ctrl-C, with the answers of what was sent', async () => {
    const process = start('--rate 500');
    await process.says(' posts sent');
    process.kill('SIGINT');
    const { status, output, errors } = await process.ended;
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    const sent = Number(/Sent (\d+) posts/.exec(output)?.[1]);
    await expectBothWays(sent, 1);
  });

  it('loses nothing and doubles nothing, however often it is killed', async () => {
    for (const rate of ['500', '3000']) {
      const process = start(`--rate ${rate}`);
      await process.says(' posts sent');
      process.kill();
      await process.ended;
    }
    // More than the 300 posts of one batch at that rate, which a kill may leave half sent: a start sends them again first.
    const { status, output, errors } = await start('--posts 400 --rate 2000').ended;
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(output).toContain('Batch and stream: the same rows, the same answers');
    const [keys = []] = (await tablesOf('batch')).keys;
    expect(keys.length).toBeGreaterThanOrEqual(400);
    await expectBothWays(keys.length, 1);
  });

  it('is steered from its page, and compares both paths as soon as it is paused', async () => {
    const process = start('--rate 200');
    await process.says('Sending 200 posts');
    const page = /Live page {2}(\S+)/.exec(process.said.output)?.[1] ?? '';
    const steer = (request: unknown) =>
      fetch(`${page}api/emulator`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
    expect(await (await steer({ action: 'rate', rate: 1000 })).json()).toMatchObject({ askedRate: 1000 });
    await process.says(' posts sent');
    expect(await (await steer({ action: 'pause' })).json()).toMatchObject({ paused: true });
    const reader = await EventReader.open(`${page}api/events`);
    const status = await reader.takeUntil(
      ({ data: { status } }) => status?.comparison?.verdict === 'same' && status.emulator?.paused === true,
    );
    const answers: unknown = await (await fetch(`${page}api/answers`)).json();
    expect(answers).toEqual(expectedAnswers(status.data.status?.emulator?.sent ?? 0, 1));
    reader.close();
    process.kill('SIGINT');
    expect(await process.ended).toMatchObject({ status: 0, errors: '' });
  });

  it('fails when one path has a row that the other has not, and names it', async () => {
    const process = start('--rate 50');
    await process.says(' posts sent');
    const api = /HTTP API {3}(\S+)\/topics/.exec(process.said.output)?.[1] ?? '';
    const posted = await fetch(`${api}/topics/user`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.kafka.json.v2+json' },
      body: JSON.stringify({ records: [{ value: { ind: 1_000_000, first_name: 'Only here' } }] }),
    });
    expect(posted.status).toBe(200);
    process.kill('SIGINT');
    const { status, output, errors } = await process.ended;
    expect(status).toBe(1);
    expect(output).toMatch(/user in silver +\d+ +\d+ +NO/);
    expect(errors).toContain('Batch and stream differ in user in silver. They are the same unless somebody');
  });

  it('ends at once when one of the paths fails, and says why', async () => {
    const lake = join(folder, 'data', 'lake');
    await mkdir(lake, { recursive: true });
    await writeFile(join(lake, 'topics'), 'a file stands here');
    const { status, errors } = await start('--rate 50').ended;
    expect(status).toBe(1);
    expect(errors).toContain(join('data', 'lake', 'topics'));
  });

  it('refuses a string that is not a rate', async () => {
    expect(await start('--rate fast').ended).toMatchObject({ status: 2, output: '' });
  });
});
