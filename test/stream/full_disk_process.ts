/** Runs in a mount of its own, on a small disk: a stream fills it, ends, and goes on when there is room. Prints what came of it. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { datasets } from '../../pipeline/datasets/index.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { startStream } from '../../pipeline/stream/run.ts';
import { queries } from '../../queries/index.ts';

const [disk = '', elsewhere = ''] = process.argv.slice(2);
const filler = join(disk, 'filler');
writeFileSync(filler, Buffer.alloc(3_900_000));
const log = await EmbeddedLog.open(join(elsewhere, 'log'), { readOnly: true });
const lake = join(disk, 'lake');
const run = () =>
  startStream({
    log,
    datasets,
    queries,
    lake,
    checkpoints: join(disk, 'checkpoints'),
    microBatch: { bytes: 1500, milliseconds: 1 },
    goldEveryMilliseconds: 50,
    untilIdleMilliseconds: 1,
  });

const full = run();
const first = await full.done.then(() => 'done', String);
const readWhenFull = full.status().totals.reduce((sum, { read }) => sum + read, 0);
rmSync(filler);
const second = await run().done.then(() => 'done', String);
await log.close();
cpSync(lake, join(elsewhere, 'lake'), { recursive: true });
process.stdout.write(JSON.stringify({ first, readWhenFull, second }));
