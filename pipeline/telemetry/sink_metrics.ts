/** Metrics of a sink. */
import type { SinkProgress } from '../landing/sink.ts';
import type { Telemetry } from './telemetry.ts';

export function observeSink(telemetry: Telemetry, progress: () => SinkProgress): void {
  telemetry.observe(() => {
    const { records, files, bytes, waiting, behind } = progress();
    return [
      {
        name: 'pinterest.sink.records',
        unit: '{record}',
        description: 'Records landed since the start.',
        kind: 'counter',
        values: [[records]],
      },
      {
        name: 'pinterest.sink.files',
        unit: '{file}',
        description: 'Landing files written since the start.',
        kind: 'counter',
        values: [[files]],
      },
      {
        name: 'pinterest.sink.size',
        unit: 'By',
        description: 'Bytes of these files.',
        kind: 'counter',
        values: [[bytes]],
      },
      {
        name: 'pinterest.sink.waiting',
        unit: '{record}',
        description: 'Records read and not landed yet.',
        kind: 'gauge',
        values: [[waiting]],
      },
      {
        name: 'pinterest.sink.lag.records',
        unit: '{record}',
        description: 'Records in the log that are not read yet.',
        kind: 'gauge',
        values: [[behind]],
      },
    ];
  });
}
