/** Metrics of a sink. */
import type { SinkProgress } from '../landing/sink.ts';
import { observeCounts } from './counts.ts';
import type { Telemetry } from './telemetry.ts';

export function observeSink(telemetry: Telemetry, progress: () => SinkProgress): void {
  const read = (of: keyof SinkProgress) => () => [[progress()[of]] as const];
  observeCounts(telemetry, [
    {
      name: 'pinterest.sink.records',
      unit: '{record}',
      description: 'Records landed since the start.',
      kind: 'counter',
      read: read('records'),
    },
    {
      name: 'pinterest.sink.files',
      unit: '{file}',
      description: 'Landing files written since the start.',
      kind: 'counter',
      read: read('files'),
    },
    {
      name: 'pinterest.sink.size',
      unit: 'By',
      description: 'Bytes of these files.',
      kind: 'counter',
      read: read('bytes'),
    },
    {
      name: 'pinterest.sink.waiting',
      unit: '{record}',
      description: 'Records read and not landed yet.',
      kind: 'gauge',
      read: read('waiting'),
    },
    {
      name: 'pinterest.sink.lag.records',
      unit: '{record}',
      description: 'Records in the log that are not read yet.',
      kind: 'gauge',
      read: read('behind'),
    },
  ]);
}
