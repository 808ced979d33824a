/** Metrics of every process, by the names of OpenTelemetry's semantic conventions for processes and Node. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Count } from './counts.ts';

/** Starts to measure. @returns the metrics, whenever they are asked for */
export function processCounts(): () => readonly Count[] {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return () => {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const longest = delay.max;
    delay.reset();
    return [
      {
        name: 'process.memory.usage',
        unit: 'By',
        description: 'Resident memory.',
        kind: 'up_down_counter',
        values: [[rss]],
      },
      {
        name: 'v8js.memory.heap.used',
        unit: 'By',
        description: 'Used heap of JavaScript.',
        kind: 'up_down_counter',
        values: [[heapUsed]],
      },
      {
        name: 'process.cpu.time',
        unit: 's',
        description: 'CPU time of all threads.',
        kind: 'counter',
        values: [
          [user / 1e6, { 'cpu.mode': 'user' }],
          [system / 1e6, { 'cpu.mode': 'system' }],
        ],
      },
      {
        name: 'process.uptime',
        unit: 's',
        description: 'Time since the start.',
        kind: 'gauge',
        values: [[process.uptime()]],
      },
      {
        name: 'nodejs.eventloop.delay.max',
        unit: 's',
        description: 'Longest time for which the event loop took nothing, since it was last asked.',
        kind: 'gauge',
        values: [[longest / 1e9]],
      },
    ];
  };
}
