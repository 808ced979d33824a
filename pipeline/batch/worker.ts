/** A thread that does the tasks that it is told, and ends when it is told no task. */
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { buffersOf, TablePacker } from '../columns/packed_table.ts';
import { Decoders, decodeSplit, type Split } from './decode_split.ts';

const port = parentPort;
if (port === null) {
  throw new Error('This module runs in a thread of its own.');
}

/**
 * Who gathers the answers is never to wait for a processor while these threads have all of them. On Linux a priority is the
 * calling thread's alone; elsewhere it is the whole process's, so there it is left.
 */
if (process.platform === 'linux') {
  setPriority(
    Math.min(constants.priority.PRIORITY_LOW, getPriority() + constants.priority.PRIORITY_BELOW_NORMAL),
  );
}

const decoders = new Decoders();
const packer = new TablePacker();

/** Tasks are answered in their order; while one waits for the disk, the next is decoded. */
let last: Promise<void> = Promise.resolve();

port.on('message', (task: Split | undefined) => {
  if (task === undefined) {
    port.close();
    return;
  }
  const doing = decodeSplit(task, decoders);
  // A failure is thrown where it is waited for, behind the tasks before.
  doing.catch(() => {});
  last = last.then(async () => {
    try {
      const { rows, ...done } = await doing;
      const packed = packer.pack(`${task.kind} ${task.dataset.name}`, rows);
      port.postMessage({ done: { ...done, rows: packed } }, [...buffersOf(packed), done.lineStarts.buffer]);
    } catch (error) {
      port.postMessage({ error });
    }
  });
});
