/** Landing files that the notebook writes again without lines of erased posts: byte for byte those that the command leaves. */
import { cpSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf } from '../../../pipeline/columns/table.ts';
import { datasets } from '../../../pipeline/datasets/index.ts';
import { readDeltaTable } from '../../../pipeline/delta/table.ts';
import { handedIn, runNotebook } from '../../../pipeline/engines/spark/local/notebook.ts';
import { notebookSources } from '../../../pipeline/engines/spark/notebooks/index.ts';
import { carryOut, erasedBy } from '../../../pipeline/erase/erase.ts';
import { appendErasures, readErasures } from '../../../pipeline/erasures.ts';
import { queries } from '../../../queries/index.ts';
import { rowsOfLake } from '../../batch/lakes.ts';
import { runInto } from '../../batch/run_into.ts';
import { Choices } from '../../support/random.ts';
import type { SparkWorker } from '../systems/spark.ts';
import { describeReal, smallTables, spark } from '../systems.ts';
import type { Landing } from './cases.ts';
import { landingsOf } from './landings.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Steps before which a run is killed. More of them with KILLS. */
const kills = Number(process.env.KILLS ?? 2);

/** A lake with its landing files. */
interface Place {
  readonly lake: string;
  readonly landing: string;
}

const dayOf = (day: number) => new Date(Date.UTC(2026, 0, day));

/** Writes landing files that were last changed on some day. */
function landOn(day: number, landing: string, files: Landing): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(landing, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, dayOf(day), dayOf(day));
  }
}

/** All files below the topics, hidden ones too: their bytes, unpacked. */
function bytesBelow(landing: string): Record<string, string> {
  const topics = join(landing, 'topics');
  const names = readdirSync(topics, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    files.sort().map((file) => {
      const bytes = readFileSync(file);
      return [
        file.slice(topics.length),
        String(file.endsWith('.gz') ? gunzipSync(bytes) : bytes.toString('latin1')),
      ];
    }),
  );
}

/** The record of files read, without times. */
async function recordOf(lake: string): Promise<string[]> {
  const rows = rowsOf(await readDeltaTable(join(lake, 'files_read')));
  return rows
    .filter(({ dataset }) => !String(dataset).includes('/'))
    .map(({ modified: _, ...row }) => JSON.stringify(row))
    .sort();
}

async function filesRecorded(lake: string): Promise<unknown[]> {
  const rows = rowsOf(await readDeltaTable(join(lake, 'files_read')));
  return rows.filter(({ dataset }) => !String(dataset).includes('/')).map(({ file }) => file);
}

const some = (...lines: string[]) => Buffer.from(lines.join('\n'));
const pinFile = (partition: number, offset: number) =>
  `topics/pin/partition=${partition}/pin+${partition}+${String(offset).padStart(10, '0')}.json`;

/** Files in which each line is at another place than one would think, and the posts 7 and 8. */
const odd: Landing = {
  [pinFile(7, 0)]: Buffer.concat([
    Buffer.from('\ufeff{"index":7}\r\n{"index":1,"title":"'),
    Buffer.from([0xff, 0xc3]),
    some('"}\r', '', '{"index":7,"ti', '{"index":2}'),
  ]),
  [pinFile(7, 9)]: some('{"index":7}', '"{\\"index\\": 8}"'),
  [pinFile(8, 3)]: some('{"index":1,"title":"{\\"index\\":7}"}', '{"index":8}', '{"index":8}', 'rubbish', ''),
  'topics/0a.geo/partition=0/other name.json.gz': gzipSync(some('{"ind":7}', '{"ind":1}', '{"ind":8}', '')),
  'topics/geo/partition=0/geo+0+0000000000.json.gz': gzipSync(some('{"ind":7}', '')),
  'topics/user/partition=0/untouched.json': some('{"ind":1}', '{"ind":2}'),
};

describeReal('landing files that the notebook writes again', [spark], () => {
  let worker: SparkWorker;
  const { pinterest_erase: notebook } = notebookSources(datasets, queries);

  beforeAll(async () => {
    worker = await spark.share(smallTables);
    await worker.run(handedIn);
  });
  afterAll(() => worker?.stop());

  const placeOf = (name: string): Place => ({
    lake: join(worker.folder, name, 'lake'),
    landing: join(worker.folder, name, 'landing'),
  });

  /** A place of which a batch has read the files, and the same again with the lake that it has written. */
  async function twoPlaces(name: string, files: Landing, bronze: boolean): Promise<readonly [Place, Place]> {
    const [ours, theirs] = [placeOf(`${name}-command`), placeOf(`${name}-notebook`)];
    for (const { landing } of [ours, theirs]) {
      landOn(1, landing, files);
    }
    await runInto(ours.lake, ours.landing, { bronze });
    await appendErasures(ours.lake, [7, 3], { reason: null, returns: false });
    await appendErasures(ours.lake, [8, 4], { reason: null, returns: true });
    cpSync(ours.lake, theirs.lake, { recursive: true });
    return [ours, theirs];
  }

  const command = async ({ lake, landing }: Place) =>
    carryOut({ lake, landing, datasets, queries }, await readErasures(lake));

  const definitions = notebook.slice(0, notebook.indexOf('\nif keys:\n'));
  /** Only what the notebook does with landing files, after a change to how it does it. */
  const takeOut = (place: Place, change = '') =>
    runNotebook(worker, `${definitions}\n${change}\nerased = read_erasures(spark)\ntake_out_of_landing()\n`, {
      ...place,
    });

  /** What two places have in common once posts were erased from both. */
  async function expectSame(theirs: Place, ours: Place): Promise<void> {
    expect(bytesBelow(theirs.landing)).toEqual(bytesBelow(ours.landing));
    expect(await recordOf(theirs.lake)).toEqual(await recordOf(ours.lake));
    const { lake, landing } = theirs;
    const left = await erasedBy({ lake, landing, datasets, queries }, await readErasures(lake));
    expect(left.landing).toEqual({ files: [], unreadable: [] });
  }

  it.each([false, true])(`are those of the command, with a raw copy: %s (SEED=${seed})`, async (bronze) => {
    const [first = {}, second = {}] = landingsOf(seed + Number(bronze), 2);
    const [ours, theirs] = await twoPlaces(`random-${bronze}`, { ...first, ...odd }, bronze);
    // Lines that came after an erasure which lets return, and the others beside them.
    const later = Object.fromEntries(
      Object.entries({ ...second, ...odd }).map(([path, content]) => [
        path.replace('partition=', 'partition=1'),
        content,
      ]),
    );
    for (const { landing } of [ours, theirs]) {
      landOn(3650, landing, later);
    }
    const { landing } = await command(ours);
    const { printed } = await runNotebook(worker, notebook, { ...theirs });
    const lines = landing.files.reduce((sum, file) => sum + file.lines, 0);
    const removed = landing.files.filter(({ isAll }) => isAll).length;
    expect(removed).toBeGreaterThan(1);
    expect(printed).toContain(
      `landing files: ${lines} lines taken out of ${landing.files.length}, of which ${removed} are removed`,
    );
    await expectSame(theirs, ours);
    const next = await runInto(theirs.lake, theirs.landing);
    expect(next.landing.files).toBe((await runInto(ours.lake, ours.landing)).landing.files);
    expect(await rowsOfLake(theirs.lake)).toEqual(await rowsOfLake(ours.lake));
  });

  it(`are those of the command after runs that were killed and are run again (SEED=${seed})`, async () => {
    const [ours, whole] = await twoPlaces('killed', odd, false);
    await command(ours);
    const [before, after] = [bytesBelow(whole.landing), bytesBelow(ours.landing)];
    for (const steps of someOf(new Choices(seed), allSteps, kills)) {
      const place = placeOf(`killed-${steps}`);
      landOn(1, place.landing, odd);
      cpSync(whole.lake, place.lake, { recursive: true });
      await expect(takeOut(place, dying.replace('STEPS', String(steps)))).rejects.toThrow(
        'Killed before a step',
      );
      for (const [path, bytes] of Object.entries(bytesBelow(place.landing))) {
        expect([before[path], after[path]], path).toContain(bytes);
      }
      // A changed rule would ask for one that is recorded and gone.
      expect(Object.keys(bytesBelow(place.landing)).map((path) => `topics${path}`)).toEqual(
        expect.arrayContaining(await filesRecorded(place.lake)),
      );
      const batch = placeOf(`batch-${steps}`);
      cpSync(dirname(place.lake), dirname(batch.lake), { recursive: true, preserveTimestamps: true });
      await runInto(batch.lake, batch.landing);
      expect(await rowsOfLake(batch.lake)).toEqual(await rowsOfLake(ours.lake));
      await takeOut(place);
      expect(bytesBelow(place.landing)).toEqual(after);
      await runInto(place.lake, place.landing);
      await expectSame(place, ours);
    }
  });

  it('are left as they are when they change while the notebook looks at them: their time tells which lines count', async () => {
    const [, place] = await twoPlaces(
      'changed',
      { [pinFile(0, 0)]: some('{"index":7}', '{"index":1}') },
      false,
    );
    const change = `
found_before = files_with_erased
def files_with_erased(dataset):
    found = found_before(dataset)
    os.utime(f"{landing}/${pinFile(0, 0)}")
    return found
`;
    await expect(takeOut(place, change)).rejects.toThrow(
      `${pinFile(0, 0)} was changed or removed meanwhile. Nothing is lost: run this again, without keys.`,
    );
    expect(bytesBelow(place.landing)).toMatchObject({
      [pinFile(0, 0).slice('topics'.length)]: '{"index":7}\n{"index":1}',
    });
    await takeOut(place);
    expect(Object.values(bytesBelow(place.landing)).sort()).toEqual(['', '{"index":1}']);
  });
});

/** Two offsets that are kept, the record, five files, and the record again. */
const allSteps = 9;

/** Some of the numbers below another, each once. */
function someOf(choices: Choices, below: number, count: number): number[] {
  const left = Array.from({ length: below }, (_, at) => at);
  return Array.from({ length: Math.min(count, below) }, () =>
    left.splice(choices.below(left.length), 1),
  ).flat();
}

const dying = `
import itertools, threading
counted, lock = itertools.count(), threading.Lock()
def dying(step):
    def done(*arguments, **options):
        with lock:
            if next(counted) >= STEPS:
                raise SystemError("Killed before a step")
        return step(*arguments, **options)
    return done
write, landing_bytes.put, landing_bytes.remove = dying(write), dying(landing_bytes.put), dying(landing_bytes.remove)
`;
