/** Metrics of work that counts itself: they are read when somebody asks, and cost nothing until then. */
import type { Attributes } from '@opentelemetry/api';

export interface Count {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** A counter only grows. A number of things that come and go is an up-down counter, any other value a gauge. */
  readonly kind: 'counter' | 'up_down_counter' | 'gauge';
  readonly values: readonly CountValue[];
}

export type CountValue = readonly [value: number, attributes?: Attributes];
