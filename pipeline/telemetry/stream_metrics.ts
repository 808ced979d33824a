/** Metrics of a running stream: events by outcome, lag, times of micro-batches and commits, Delta tables. */
import type { Attributes } from '@opentelemetry/api';
import type { Dataset } from '../plan/dataset.ts';
import type { BatchStep, RunningStream } from '../stream/run.ts';
import type { StreamLag, StreamStatus, StreamTable } from '../stream/status.ts';
import type { Count, CountValue } from './counts.ts';
import type { Histogram, Series } from './histogram.ts';
import type { Telemetry } from './telemetry.ts';

/** Seconds. A micro-batch waits for 0.05 s, a commit to S3 takes about three times as long. */
const boundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Measures the steps of micro-batches: pass `onStep` to the stream that is observed. */
export class StreamMetrics {
  private readonly batches;
  private readonly commits;
  /** The time of each dataset's last step, and of the first of its micro-batch. */
  private readonly steps = new Map<Dataset, { first: number; last: number }>();

  constructor(private readonly telemetry: Telemetry) {
    const histogram = (name: string, description: string) =>
      telemetry.histogram({ name, description, boundaries });
    this.batches = histogram(
      'pinterest.stream.batch.duration',
      'Time of a micro-batch, from read to answered.',
    );
    this.commits = histogram('pinterest.stream.commit.duration', 'Time of a commit to a Delta table.');
  }

  readonly onStep = (step: BatchStep, dataset: Dataset): void => {
    const now = performance.now();
    const { first, last } = this.steps.get(dataset) ?? { first: now, last: now };
    const attributes = { 'pinterest.dataset': dataset.name };
    if (step === 'quarantine committed' || step === 'silver committed') {
      const table = step === 'silver committed' ? 'silver' : 'quarantine';
      this.seriesOf(this.commits, { ...attributes, 'pinterest.table': table }).record((now - last) / 1000);
    }
    if (step === 'answered') {
      this.seriesOf(this.batches, attributes).record((now - first) / 1000);
    }
    this.steps.set(dataset, { first: step === 'read' ? now : first, last: now });
  };

  private seriesOf(histogram: Histogram, attributes: Attributes): Series {
    const same = JSON.stringify(attributes);
    return (
      histogram.series.find((series) => JSON.stringify(series.attributes) === same) ??
      histogram.withAttributes(attributes)
    );
  }

  observe(stream: RunningStream): void {
    this.telemetry.observe(() => [...countsOf(stream.status()), ...tableCounts(stream.tables())]);
  }
}

function countsOf({ totals, lag, newestEventAt, state: current }: StreamStatus): readonly Count[] {
  const ofShard = ({ stream, shard }: StreamLag): Attributes => ({
    'messaging.destination.name': stream,
    'messaging.destination.partition.id': shard,
  });
  return [
    {
      name: 'pinterest.stream.events',
      unit: '{event}',
      description: 'Events since the lake was made, by outcome.',
      kind: 'counter',
      values: totals.flatMap(({ name, kept, repeated, quarantined, erased }) =>
        Object.entries({ kept, repeated, ...quarantined, erased }).map(
          ([outcome, count]): CountValue => [
            count,
            { 'pinterest.dataset': name, 'pinterest.outcome': outcome },
          ],
        ),
      ),
    },
    {
      name: 'pinterest.stream.values.nulled',
      unit: '{value}',
      description: 'Values that a rule made null, since the lake was made.',
      kind: 'counter',
      values: totals.flatMap(({ name, nulled }) =>
        Object.entries(nulled).map(
          ([rule, count]): CountValue => [count, { 'pinterest.dataset': name, 'pinterest.rule': rule }],
        ),
      ),
    },
    {
      name: 'pinterest.stream.lag.records',
      unit: '{record}',
      description: 'Records of a shard that are not read yet.',
      kind: 'gauge',
      values: lag.flatMap((one): CountValue[] => (one.records === null ? [] : [[one.records, ofShard(one)]])),
    },
    {
      name: 'pinterest.stream.lag.time',
      unit: 's',
      description: 'Age of the oldest record of a shard that is not read yet.',
      kind: 'gauge',
      values: lag.flatMap((one): CountValue[] =>
        one.milliseconds === null ? [] : [[one.milliseconds / 1000, ofShard(one)]],
      ),
    },
    {
      name: 'pinterest.stream.newest_event.age',
      unit: 's',
      description: 'Age of the newest event in the answers.',
      kind: 'gauge',
      values: newestEventAt === null ? [] : [[(Date.now() - newestEventAt) / 1000]],
    },
    {
      name: 'pinterest.stream.state',
      unit: '1',
      description: '1 for the state that the stream is in.',
      kind: 'gauge',
      values: (['replaying', 'running', 'waiting', 'ended', 'failed'] as const).map(
        (name): CountValue => [name === current ? 1 : 0, { 'pinterest.state': name }],
      ),
    },
  ];
}

function tableCounts(tables: readonly StreamTable[]): readonly Count[] {
  const of = (value: (table: StreamTable) => number) =>
    tables.map(
      (table): CountValue => [
        value(table),
        { 'pinterest.dataset': table.dataset, 'pinterest.table': table.layer },
      ],
    );
  return [
    {
      name: 'pinterest.delta.files',
      unit: '{file}',
      description: 'Data files of the current version.',
      kind: 'gauge',
      values: of(({ files }) => files),
    },
    {
      name: 'pinterest.delta.size',
      unit: 'By',
      description: 'Size of the data files of the current version.',
      kind: 'gauge',
      values: of(({ bytes }) => bytes),
    },
    {
      name: 'pinterest.delta.version',
      unit: '{version}',
      description: 'Version of a Delta table.',
      kind: 'gauge',
      values: of(({ version }) => version),
    },
  ];
}
