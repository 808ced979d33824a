/** The real batch command over S3: killed and run again, it comes to the same as over a folder. */
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeLanding } from '../../../emulator/landing.ts';
import { tablesIn } from '../../../infra/tools/preview/answers.ts';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { readDeltaTable, tablePath } from '../../../pipeline/delta/table.ts';
import { sourcesOf } from '../../../pipeline/landing/byte_source.ts';
import { LineReader, linesOf } from '../../../pipeline/landing/line_ranges.ts';
import { localStore } from '../../../pipeline/storage/local.ts';
import { openObjectStore } from '../../../pipeline/storage/open.ts';
import { rowsOfLake } from '../../batch/lakes.ts';
import { Choices } from '../../support/random.ts';
import { S3Proxy } from '../systems/s3_proxy.ts';
import { aws, describeReal } from '../systems.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const kills = 5;
/** A moment is before or after a request that writes. */
const momentsOfRun = 40;
const s3 = 's3://lake/some/data';

describeReal('npm run batch over S3', [aws], () => {
  const before = { ...process.env };
  let server: Awaited<ReturnType<typeof aws.start>>;
  let proxy: S3Proxy;
  let endpoint: string;
  let folder: string;
  let landing: string;
  let lake: string;

  beforeAll(async () => {
    server = await aws.start();
    Object.assign(process.env, server.environment);
    const client = new S3Client({ forcePathStyle: true });
    const region = { LocationConstraint: 'eu-west-1' as const };
    await client.send(new CreateBucketCommand({ Bucket: 'lake', CreateBucketConfiguration: region }));
    client.destroy();
    proxy = new S3Proxy(server.endpoint);
    endpoint = await proxy.start();
    folder = await mkdtemp(join(tmpdir(), 'batch-s3-'));
    landing = join(folder, 'landing');
    lake = join(folder, 'lake');
    // Enough for two threads, with a file of duplicates and one that is cut off.
    await writeLanding(landing, { posts: 15_000, seed: 3, recordsPerFile: 4_000 });
    const partition = join(landing, 'topics', 'pin', 'partition=1');
    const [first = ''] = await readdir(partition);
    await copyFile(join(partition, first), join(partition, 'pin+1+0000900000.json'));
    await writeFile(join(partition, 'pin+1+0000990000.json'), '{"index":1000001}\nrubbish\n{"index":10000');
    await upload(landing, s3);
    await run(['--landing', landing, '--lake', lake], 'folder.json');
  }, 240_000);

  afterAll(async () => {
    proxy?.stop();
    await server?.stop();
    for (const name of Object.keys(server?.environment ?? {})) {
      delete process.env[name];
    }
    Object.assign(process.env, before);
    await rm(folder, { recursive: true });
  });

  const run = (options: readonly string[], json: string, killAt = 0) =>
    runCommand(
      'batch',
      [...options, '--json', join(folder, json), '--report', join(folder, 'report.html')],
      killAt,
    );

  /** Runs a command until it ends, or is killed before or after a request that writes. */
  async function runCommand(command: string, options: readonly string[], killAt = 0) {
    const { AWS_ENDPOINT_URL: _, ...environment } = process.env;
    const args = [join(root, 'scripts/run.mjs'), command, ...options, '--endpoint', endpoint];
    const child = spawn(process.execPath, args, { env: environment });
    let moments = 0;
    proxy.onWrite = () => {
      moments += 1;
      if (moments === killAt) {
        child.kill('SIGKILL');
      }
    };
    let [output, errors] = ['', ''];
    child.stdout.on('data', (part) => {
      output += part;
    });
    child.stderr.on('data', (part) => {
      errors += part;
    });
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject).once('close', (...end) => resolve(end));
    });
    return { output, errors, status, signal };
  }

  const answersIn = async (json: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, json), 'utf8'));

  /** The record of files read, without their times, and without the lines that say which silver tables hold their rows. */
  async function recordOf(tables: string): Promise<string[]> {
    const rows = rowsOf(await readDeltaTable(tablePath(tables, 'files_read')));
    const ofFiles = rows.filter(({ dataset }) => !String(dataset).includes('/'));
    return ofFiles.map(({ modified: _, ...row }) => JSON.stringify(row)).sort();
  }

  async function expectSameLake(other: string, json: string): Promise<void> {
    expect(await answersIn(json)).toEqual(await answersIn('folder.json'));
    expect(await rowsOfLake(other)).toEqual(await rowsOfLake(lake));
    expect(await recordOf(other)).toEqual(await recordOf(lake));
  }

  it('comes to the same as over a folder after it was killed often, and then reads nothing', async () => {
    const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
    console.info(`seed ${seed}: run again with CRASH_SEED=${seed}`);
    const choices = new Choices(seed);
    const options = ['--landing', s3, '--lake', s3];
    for (let killed = 0; killed < kills; ) {
      const { signal, status, errors } = await run(options, 's3.json', 1 + choices.below(momentsOfRun));
      expect(signal ?? status, errors).toBeOneOf(['SIGKILL', 0]);
      killed += signal === 'SIGKILL' ? 1 : 0;
    }
    expect(await run(options, 's3.json')).toMatchObject({ status: 0 });
    await expectSameLake(s3, 's3.json');
    const again = await run(options, 'again.json');
    expect(again.output).toMatch(/Read from 0 landing files in [0-9.]+ s; [0-9]+ were read before/);
    await expectSameLake(s3, 'again.json');
  }, 400_000);

  it('reads S3 into a folder, and a folder into S3', async () => {
    const local = join(folder, 'from-s3');
    expect(await run(['--landing', s3, '--lake', local], 'local.json')).toMatchObject({ status: 0 });
    await expectSameLake(local, 'local.json');
    const remote = 's3://lake/from-folder/';
    expect(await run(['--landing', landing, '--lake', remote], 'remote.json')).toMatchObject({ status: 0 });
    await expectSameLake(remote, 'remote.json');
  }, 240_000);

  it('reads lines in bronze in place of objects that are gone, also after it was killed', async () => {
    const [few, kept] = [join(folder, 'few'), 's3://lake/kept'];
    await writeLanding(few, { posts: 300, seed: 4, recordsPerFile: 50 });
    await upload(few, kept);
    const options = ['--landing', kept, '--lake', kept];
    expect(await run([...options, '--bronze'], 'kept.json')).toMatchObject({ status: 0 });
    const before = await rowsOfLake(kept);
    const store = await openObjectStore(kept);
    for (const gone of ['topics', 'silver/pin']) {
      for (const { name } of await store.list(gone, { recursive: true })) {
        await store.remove(`${gone}/${name}`);
      }
    }
    expect(await run(options, 'kept.json', 9)).toMatchObject({ signal: 'SIGKILL' });
    expect(await run(options, 'kept.json')).toMatchObject({ status: 0 });
    expect(await rowsOfLake(kept)).toEqual(before);
  }, 240_000);

  it('is erased from as a folder is, by a command that is killed and run again', async () => {
    const [there, here] = ['s3://lake/erased', join(folder, 'erased')];
    await writeLanding(here, { posts: 60, seed: 5, recordsPerFile: 20 });
    await upload(here, there);
    const keys = ['--key', '3,7,21,59', '--yes'];
    for (const place of [here, there]) {
      expect(await run(['--landing', place, '--lake', place], 'before.json')).toMatchObject({ status: 0 });
    }
    const erase = (place: string, options: readonly string[], killAt = 0) =>
      runCommand('erase', ['--landing', place, '--lake', place, ...options], killAt);
    expect(await erase(here, keys)).toMatchObject({ status: 0, errors: '' });
    const choices = new Choices(Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000));
    // The first writes make the table of erasures; from then on it is known what is to be erased.
    const { signal, status, errors } = await erase(there, keys, 8 + choices.below(60));
    expect(signal ?? status, errors).toBeOneOf(['SIGKILL', 0]);
    expect(await erase(there, ['--yes'])).toMatchObject({ status: 0 });
    expect(await rowsOfLake(there)).toEqual(await rowsOfLake(here));
    const again = await run(['--landing', there, '--lake', there], 'again.json');
    expect(again).toMatchObject({ status: 0 });
    expect(await rowsOfLake(there)).toEqual(await rowsOfLake(here));
    expect(await linesBelow(there)).toEqual(await linesBelow(here));
  }, 240_000);

  async function linesBelow(place: string): Promise<Record<string, string>> {
    const store = await openObjectStore(place);
    const files = (await store.list('topics', { recursive: true })).filter(({ name }) =>
      name.endsWith('.json'),
    );
    const read = files.map(async ({ name }) => [
      name,
      String(Buffer.from((await store.read(`topics/${name}`)) ?? [])),
    ]);
    return Object.fromEntries((await Promise.all(read)).sort());
  }

  it('is what a preview over S3 runs', async () => {
    await upload(join(folder, 'landing', 'topics', 'geo'), 's3://lake/small/topics/geo');
    const over = await tablesIn(root, 's3://lake/small');
    expect(over['silver/geo']).toHaveLength(15_000);
  }, 120_000);

  it('says what is wrong with a bucket or a URL, and no secret', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'never-to-be-printed';
    const missing = await run(['--landing', 's3://not-there/x'], 'none.json');
    expect(missing).toMatchObject({ status: 1, output: '' });
    expect(missing.errors).toMatch(
      /Could not list s3:\/\/not-there\/x\/topics: NoSuchBucket.*s3:ListBucket/s,
    );
    const lakeless = await run(['--landing', landing, '--lake', 's3://not-there/x'], 'none.json');
    expect(lakeless).toMatchObject({ status: 1, output: '' });
    expect(lakeless.errors).toMatch(/s3:\/\/not-there\/x.*NoSuchBucket/s);
    const empty = await run(['--landing', 's3://lake/empty'], 'none.json');
    expect(empty).toMatchObject({ status: 1, output: '' });
    expect(empty.errors).toContain('There are no landing files in s3://lake/empty');
    const wrong = await run(['--landing', 's3:/lake'], 'none.json');
    expect(wrong).toMatchObject({ status: 2, output: '' });
    expect(wrong.errors).toContain(
      '--landing is wrong: Not an S3 URL: "s3:/lake". Expected s3://bucket/prefix.',
    );
    for (const { errors } of [missing, lakeless, empty, wrong]) {
      expect(errors).not.toContain('never-to-be');
    }
  }, 120_000);

  it('reads each line of an object in one range, however it is cut', async () => {
    const lines = ['', 'a', '{"index":1}', 'x'.repeat(200_000), '', 'b'.repeat(40_000), 'last'];
    const content = Buffer.from(lines.join('\n'));
    const store = await openObjectStore('s3://lake/ranges');
    await store.put('cut.json', content);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: content.length - 1 }), { maxLength: 4 }),
        async (cuts) => {
          const edges = [0, ...cuts.sort((a, b) => a - b), Number.POSITIVE_INFINITY];
          const read: [number, string][] = [];
          for (const [i, to] of edges.slice(1).entries()) {
            const from = edges[i] ?? 0;
            const wanted = { path: 'cut.json', size: content.length, ranges: [{ from, to }] };
            const source = (await sourcesOf('s3://lake/ranges', [wanted]))(0);
            for (const { bytes, offset } of linesOf(source, from, to)) {
              let at = offset;
              const piece = Buffer.from(bytes).toString();
              for (const line of (piece.endsWith('\n') ? piece.slice(0, -1) : piece).split('\n')) {
                read.push([at, line]);
                at += line.length + 1;
              }
            }
          }
          expect(read.map(([, line]) => line)).toEqual(lines);
          const ranges = read.map(([from]) => ({ from, to: from + 1 }));
          const single = new LineReader(
            (await sourcesOf('s3://lake/ranges', [{ path: 'cut.json', ranges }]))(0),
          );
          for (const [start, line] of read) {
            expect(Buffer.from(single.lineAt(start)).toString()).toBe(line);
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

/** Copies the files of a folder to S3. */
async function upload(from: string, to: string): Promise<void> {
  const [source, target] = [localStore(from), await openObjectStore(to)];
  for (const { name } of await source.list('', { recursive: true })) {
    await target.put(name, (await source.read(name)) ?? expect.fail(name));
  }
}
