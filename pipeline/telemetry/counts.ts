/** Metrics of work that counts itself: they are read when somebody asks, and cost nothing until then. */
import type { Attributes } from '@opentelemetry/api';
import type { Telemetry } from './telemetry.ts';

export interface Count {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** A counter only grows. */
  readonly kind: 'counter' | 'gauge';
  readonly read: () => readonly (readonly [value: number, attributes?: Attributes])[];
}

export function observeCounts({ meter }: Telemetry, counts: readonly Count[]): void {
  for (const { name, unit, description, kind, read } of counts) {
    const options = { unit, description };
    const instrument =
      kind === 'counter'
        ? meter.createObservableCounter(name, options)
        : meter.createObservableGauge(name, options);
    instrument.addCallback((result) => {
      for (const [value, attributes] of read()) {
        result.observe(value, attributes);
      }
    });
  }
}
