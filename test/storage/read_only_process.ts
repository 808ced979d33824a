/** Runs on a disk that cannot be written: prints what is said when something is to be written there. */
import { join } from 'node:path';
import { runBatch } from '../../pipeline/batch/run.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { openLandingStore } from '../../pipeline/landing/landing.ts';
import { EmbeddedLog } from '../../pipeline/log/embedded.ts';
import { replaceFile } from '../../pipeline/storage/durable_files.ts';
import { localStore } from '../../pipeline/storage/local.ts';
import { Checkpoint } from '../../pipeline/stream/checkpoint.ts';
import { land } from '../support/landing.ts';

const [disk = '', elsewhere = ''] = process.argv.slice(2);
const at = join(disk, 'new', 'folder');
const landing = join(elsewhere, 'landing');
await land(landing, 'topics/pin/partition=0/pin+0+0000000000.json', ['{"index":1}']);

const works: readonly (() => Promise<unknown>)[] = [
  () => localStore(at).put('file', Buffer.from('x')),
  () => localStore(disk).putIfAbsent('file', Buffer.from('x')),
  () => runBatch({ landing, datasets, queries: [], lake: at }),
  () => Checkpoint.open(at, 'stream', () => {}),
  () => EmbeddedLog.open(at),
  () => EmbeddedLog.open(disk),
  () => openLandingStore(at),
  () => openLandingStore(disk),
  () => replaceFile(join(at, 'report.html'), 'x'),
];
const said: string[] = [];
for (const work of works) {
  said.push(
    await work().then(
      () => 'nothing',
      (error) => String(error),
    ),
  );
}
process.stdout.write(JSON.stringify(said));
