/** A thread that does the tasks that it is told, one after the other, and ends when it is told no task. */
import { parentPort } from 'node:worker_threads';
import { buffersOf, TablePacker } from '../table/packed_table.ts';
import { Dictionaries, doTask, type Task } from './decode_task.ts';

const port = parentPort;
if (port === null) {
  throw new Error('This module runs in a thread of its own.');
}

const dictionaries = new Dictionaries();
const packer = new TablePacker();

/** Tasks begin in their order, and one at a time: writing a data file waits for the disk. */
let last: Promise<void> = Promise.resolve();

port.on('message', (task: Task | undefined) => {
  if (task === undefined) {
    port.close();
    return;
  }
  last = last.then(async () => {
    try {
      const { rows, ...done } = await doTask(task, dictionaries);
      const packed = packer.pack(`${task.kind} ${task.dataset.name}`, rows);
      port.postMessage({ done: { ...done, rows: packed } }, buffersOf(packed));
    } catch (error) {
      port.postMessage({ error });
    }
  });
});
