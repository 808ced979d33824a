/** A thread that decodes the splits it is sent, and ends when it is sent undefined. */
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { buffersOf, TablePacker } from '../columns/packed_table.ts';
import { Decoders, decodeSplit, type Split } from './decode_split.ts';

const port = parentPort;
if (port === null) {
  throw new Error('This module runs in a thread of its own.');
}

/**
 * Lowers this worker's priority so that the main thread, which collects results, is never starved of CPU (Linux only:
 * elsewhere the priority is the whole process's).
 */
if (process.platform === 'linux') {
  setPriority(
    Math.min(constants.priority.PRIORITY_LOW, getPriority() + constants.priority.PRIORITY_BELOW_NORMAL),
  );
}

const decoders = new Decoders();
const packer = new TablePacker();

/** Splits are answered in their order; while one waits for the disk or for S3, the next is decoded. */
let last: Promise<void> = Promise.resolve();

port.on('message', (split: Split | undefined) => {
  if (split === undefined) {
    port.close();
    return;
  }
  const decoding = decodeSplit(split, decoders);
  // A failure is thrown where it is awaited, after the splits before.
  decoding.catch(() => {});
  last = last.then(async () => {
    try {
      const { rows, ...done } = await decoding;
      const packed = packer.pack(`${split.kind} ${split.dataset.name}`, rows);
      port.postMessage({ done: { ...done, rows: packed } }, [...buffersOf(packed), done.lineStarts.buffer]);
    } catch (error) {
      port.postMessage({ error });
    }
  });
});
