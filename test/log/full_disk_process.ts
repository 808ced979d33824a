/** Runs in a mount of its own, on a disk of 1 MiB: fills it with a log and with landing files, and prints what came of it. */

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSink } from '../../pipeline/landing/sink.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { type EventLog, LogError } from '../../pipeline/log/log.ts';
import { recordsIn } from '../support/log_records.ts';

const [disk = '', elsewhere = ''] = process.argv.slice(2);

/** Appends numbered records of 10,000 bytes until one is refused; gives how many were taken, and the refusal's code. */
async function fill(log: EventLog): Promise<{ taken: number; code: string }> {
  for (let taken = 0; ; taken++) {
    try {
      await log.append('pin', [{ value: Buffer.alloc(10_000, 'x') }]);
    } catch (error) {
      if (error instanceof LogError) {
        return { taken, code: error.code };
      }
      throw error;
    }
  }
}

const count = async (from: EventLog) => (await recordsIn(from, 'pin', '0')).length;

const filler = join(disk, 'filler');
writeFileSync(filler, Buffer.alloc(300_000));
const folder = join(disk, 'log');
let log = await EmbeddedLog.open(folder);
await log.createTopic('pin', 1);
const first = await fill(log);
const readWhenFull = await count(log);
rmSync(filler);
const second = await fill(log);
await log.close();
log = await EmbeddedLog.open(folder);
const readAfterOpening = await count(log);
await log.close();
rmSync(folder, { recursive: true });

const source = await EmbeddedLog.open(join(elsewhere, 'log'));
await source.createTopic('pin', 1);
for (let index = 0; index < 200; index++) {
  await source.append('pin', [{ value: Buffer.alloc(10_000, 'x') }]);
}
const landing = join(disk, 'lake');
const sink = runSink({ log: source, topics: ['pin'], landing, flushSize: 20 });
const failure = await sink.finished.then(String, String);
await source.close();
const left = readdirSync(join(landing, 'topics/pin/partition=0'));
process.stdout.write(JSON.stringify({ first, readWhenFull, second, readAfterOpening, failure, left }));
