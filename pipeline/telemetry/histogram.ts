/**
 * Histograms that a request can afford: a recording is a search in a few boundaries and three additions, where OpenTelemetry's
 * own takes some microseconds to find the series of its attributes (docs/decisions/metrics.md). They are collected with all
 * other metrics.
 */

import type { Attributes } from '@opentelemetry/api';
import { at } from '../columns/at.ts';

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
    this.counts[bucket] = at(this.counts, bucket) + 1;
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
