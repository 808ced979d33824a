/**
 * Histograms that a request can afford: a recording is a search in a few boundaries and three additions, where OpenTelemetry's
 * own takes some microseconds to find the series of its attributes (docs/decisions/metrics.md). They are collected with all
 * other metrics.
 */
import { type Attributes, ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type HistogramMetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

/** A unit of seconds, as the semantic conventions ask for durations. */
export interface HistogramOptions {
  readonly name: string;
  readonly description: string;
  /** Seconds, growing. */
  readonly boundaries: readonly number[];
}

/** The recordings of one set of attributes. */
export class Series {
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(
    readonly attributes: Attributes,
    private readonly boundaries: readonly number[],
  ) {
    this.counts = new Array(boundaries.length + 1).fill(0);
  }

  record(seconds: number): void {
    let bucket = 0;
    // A bucket holds what is at most its boundary.
    while (bucket < this.boundaries.length && seconds > (this.boundaries[bucket] ?? Infinity)) {
      bucket += 1;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += seconds;
    this.count += 1;
  }
}

export class Histogram {
  readonly series: Series[] = [];

  constructor(readonly options: HistogramOptions) {}

  /** Adds a series; its maker keeps it to record. */
  withAttributes(attributes: Attributes): Series {
    const series = new Series(attributes, this.options.boundaries);
    this.series.push(series);
    return series;
  }
}

/** All histograms of a process, for the readers of its metrics. */
export class Histograms implements MetricProducer {
  private readonly histograms: Histogram[] = [];
  private readonly startTime = timeOf(Date.now());

  add(options: HistogramOptions): Histogram {
    const histogram = new Histogram(options);
    this.histograms.push(histogram);
    return histogram;
  }

  async collect(): Promise<CollectionResult> {
    const endTime = timeOf(Date.now());
    const metrics = this.histograms.map(({ options, series }): HistogramMetricData => {
      const { name, description, boundaries } = options;
      return {
        descriptor: { name, description, unit: 's', valueType: ValueType.DOUBLE },
        dataPointType: DataPointType.HISTOGRAM,
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPoints: series.map(({ attributes, counts, sum, count }) => ({
          attributes,
          startTime: this.startTime,
          endTime,
          value: { buckets: { boundaries: [...boundaries], counts: [...counts] }, sum, count },
        })),
      };
    });
    const scope = { name: 'pinterest-pipeline' };
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] };
  }
}

/** Seconds and nanoseconds. */
function timeOf(milliseconds: number): [number, number] {
  const seconds = Math.trunc(milliseconds / 1000);
  return [seconds, (milliseconds - seconds * 1000) * 1e6];
}
