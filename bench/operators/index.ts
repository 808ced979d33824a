import type { OperatorMeasure } from '../results.ts';
import { measureDifferential } from './differential.ts';
import { measureOperator } from './measure.ts';
import { ours } from './ours.ts';
import { tanstack } from './tanstack.ts';
import { operatorNames } from './workload.ts';

/** Measures every operator of every contestant at a size. */
export function* measureOperators(size: number, runs: number): Iterable<OperatorMeasure> {
  for (const operator of operatorNames) {
    yield* measureOperator(ours, operator, size, runs);
    if (size <= tanstack.mostEvents(operator)) {
      yield* measureOperator(tanstack, operator, size, runs);
    }
    yield* measureDifferential(operator, size, runs);
  }
}
