/**
 * All metrics of a process, for the readers that OpenTelemetry has of them. Its own instruments keep the newest value by the
 * time of day, so that a gauge would stand still when a clock was set back (docs/decisions/metrics.md).
 */
import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { Count } from './counts.ts';
import { Histogram, type HistogramOptions } from './histogram.ts';

type Time = [seconds: number, nanoseconds: number];

const common = { aggregationTemporality: AggregationTemporality.CUMULATIVE } as const;

export class Measurements implements MetricProducer {
  private readonly histograms: Histogram[] = [];
  private readonly observed: (() => readonly Count[])[] = [];
  private readonly startTime = timeOf(Date.now());

  addHistogram(options: HistogramOptions): Histogram {
    const histogram = new Histogram(options);
    this.histograms.push(histogram);
    return histogram;
  }

  observe(counts: () => readonly Count[]): void {
    this.observed.push(counts);
  }

  async collect(): Promise<CollectionResult> {
    const endTime = timeOf(Date.now());
    const metrics = [
      ...this.observed.flatMap((counts) => counts()).map((count) => this.dataOfCount(count, endTime)),
      ...this.histograms.map((histogram) => this.dataOfHistogram(histogram, endTime)),
    ];
    const scope = { name: 'pinterest-pipeline' };
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] };
  }

  private dataOfCount({ name, unit, description, kind, values }: Count, endTime: Time): MetricData {
    const descriptor = { name, unit, description, valueType: ValueType.DOUBLE };
    const dataPoints = values.map(([value, attributes = {}]) => ({
      attributes,
      startTime: this.startTime,
      endTime,
      value,
    }));
    return kind === 'gauge'
      ? { ...common, descriptor, dataPointType: DataPointType.GAUGE, dataPoints }
      : {
          ...common,
          descriptor,
          dataPointType: DataPointType.SUM,
          isMonotonic: kind === 'counter',
          dataPoints,
        };
  }

  private dataOfHistogram({ options, series }: Histogram, endTime: Time): MetricData {
    const { name, description, boundaries } = options;
    return {
      ...common,
      descriptor: { name, description, unit: 's', valueType: ValueType.DOUBLE },
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: series.map(({ attributes, counts, sum, count }) => ({
        attributes,
        startTime: this.startTime,
        endTime,
        value: { buckets: { boundaries: [...boundaries], counts: [...counts] }, sum, count },
      })),
    };
  }
}

function timeOf(milliseconds: number): Time {
  const seconds = Math.trunc(milliseconds / 1000);
  return [seconds, (milliseconds - seconds * 1000) * 1e6];
}
