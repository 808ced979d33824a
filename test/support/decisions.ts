/** The decisions that make random plans and expressions. */
import type { Expression } from '../../pipeline/plan/expression.ts';
import { type ColumnType, PlanError } from '../../pipeline/plan/types.ts';

/** Takes one decision after another from a list of numbers, 0 when it has ended. */
export class Decisions {
  private next = 0;
  private serials = 0;

  constructor(private readonly numbers: readonly number[]) {}

  /** A number from 0 up to below `choices`. */
  pick(choices: number): number {
    const number = this.numbers[this.next] ?? 0;
    this.next += 1;
    return number % choices;
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.pick(choices.length)] ?? choices[0];
  }

  /** About one in `ofEach` of all, the first ones where these are fewer than `least`. */
  some<T>(all: readonly T[], least: number, ofEach = 2): T[] {
    const chosen = all.filter(() => this.pick(ofEach) === 1);
    return chosen.length >= least ? chosen : all.slice(0, least);
  }

  /** A number that no other call returned, for names. */
  serial(): number {
    this.serials += 1;
    return this.serials;
  }
}

/** @throws PlanError when there is nothing to choose from, so that the step is left out */
export function nonEmpty<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) {
    throw new PlanError('There is nothing to choose from.');
  }
  return [first, ...rest];
}

export function typed<T extends ColumnType, E extends Expression>(
  { type, node }: E,
  ...types: readonly T[]
): { readonly type: T; readonly node: E['node'] } {
  const found = types.find((one) => one === type);
  if (found === undefined) {
    throw new PlanError(`${type} is none of ${types.join(', ')}.`);
  }
  return { type: found, node };
}
