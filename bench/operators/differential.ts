/** Rust's differential dataflow, which measures itself with the program in `differential/`. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { peersFolder } from '../contestants.ts';
import { now, type OperatorMeasure } from '../results.ts';
import type { OperatorName } from './workload.ts';

const program = join(peersFolder, 'differential', 'release', 'differential_operators');
/** One change of a median takes a tenth of a second at a million. */
const mostEvents = 1_000_000;

const measured = z.strictObject({
  comes: z.array(z.number()),
  leaves: z.array(z.number()),
  'comes after some left': z.array(z.number()),
});

/** Measures an operator at a size, where `bench/setup differential` has built the program; nothing where it has not. */
export function measureDifferential(operator: OperatorName, size: number, runs: number): OperatorMeasure[] {
  if (size > mostEvents || !existsSync(program)) {
    return [];
  }
  const printed = execFileSync(program, [operator, String(size), String(runs)], { encoding: 'utf8' });
  const microseconds = measured.parse(JSON.parse(printed));
  return measured.keyof().options.map((change) => ({
    ...now(),
    contestant: 'differential-dataflow',
    operator,
    events: size,
    change,
    microseconds: microseconds[change],
  }));
}
