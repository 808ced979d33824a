/** Metrics of a running stream: events by outcome, lag, times of micro-batches and commits, Delta tables. */
import type { Attributes } from '@opentelemetry/api';
import type { Dataset } from '../plan/dataset.ts';
import type { BatchStep, RunningStream } from '../stream/run.ts';
import type { Histogram, Series } from './histogram.ts';
import type { Telemetry } from './telemetry.ts';

/** Seconds. A micro-batch waits for 0.3 s, a commit to S3 takes about as long. */
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
    const { meter } = this.telemetry;
    const events = meter.createObservableCounter('pinterest.stream.events', {
      unit: '{event}',
      description: 'Events since the lake was made, by outcome.',
    });
    const nulled = meter.createObservableCounter('pinterest.stream.values.nulled', {
      unit: '{value}',
      description: 'Values that a rule made null, since the lake was made.',
    });
    const rows = gauge(
      'pinterest.stream.lag.records',
      '{record}',
      'Records of a shard that are not read yet.',
    );
    const age = gauge(
      'pinterest.stream.lag.time',
      's',
      'Age of the oldest record of a shard that is not read yet.',
    );
    const newest = gauge('pinterest.stream.newest_event.age', 's', 'Age of the newest event in the answers.');
    const state = gauge('pinterest.stream.state', '1', '1 for the state that the stream is in.');
    const files = gauge('pinterest.delta.files', '{file}', 'Data files of the current version.');
    const bytes = gauge('pinterest.delta.size', 'By', 'Size of the data files of the current version.');
    const versions = gauge('pinterest.delta.version', '{version}', 'Version of a Delta table.');
    function gauge(name: string, unit: string, description: string) {
      return meter.createObservableGauge(name, { unit, description });
    }
    meter.addBatchObservableCallback(
      (result) => {
        const { totals, lag, newestEventAt, state: current } = stream.status();
        for (const { name, kept, repeated, quarantined, nulled: values } of totals) {
          const of = (outcome: string): Attributes => ({
            'pinterest.dataset': name,
            'pinterest.outcome': outcome,
          });
          result.observe(events, kept, of('kept'));
          result.observe(events, repeated, of('repeated'));
          for (const [reason, count] of Object.entries(quarantined)) {
            result.observe(events, count, of(reason));
          }
          for (const [rule, count] of Object.entries(values)) {
            result.observe(nulled, count, { 'pinterest.dataset': name, 'pinterest.rule': rule });
          }
        }
        for (const { stream: name, shard, records, milliseconds } of lag) {
          const of = { 'messaging.destination.name': name, 'messaging.destination.partition.id': shard };
          if (records !== null) {
            result.observe(rows, records, of);
          }
          if (milliseconds !== null) {
            result.observe(age, milliseconds / 1000, of);
          }
        }
        if (newestEventAt !== null) {
          result.observe(newest, (Date.now() - newestEventAt) / 1000);
        }
        for (const name of ['replaying', 'running', 'waiting', 'ended', 'failed'] as const) {
          result.observe(state, name === current ? 1 : 0, { 'pinterest.state': name });
        }
        for (const { dataset, layer, version, files: count, bytes: size } of stream.tables()) {
          const of = { 'pinterest.dataset': dataset, 'pinterest.table': layer };
          result.observe(files, count, of);
          result.observe(bytes, size, of);
          result.observe(versions, version, of);
        }
      },
      [events, nulled, rows, age, newest, state, files, bytes, versions],
    );
  }
}
