/** Runs cases on engines, and holds what they give against what is expected. */
import type { Row } from '../columns/table.ts';
import type { Schema } from '../plan/types.ts';
import { type Case, type CaseEngine, type Outcome, quarantineSchema, type Step, schemaOf } from './case.ts';
import { cellText } from './values.ts';

/** A case that an engine, or several to the same end, got wrong. */
export interface Failure {
  readonly of: Case;
  /** The number of the step, from 0. */
  readonly step: number;
  readonly engines: readonly string[];
  readonly difference: Difference;
}

/** The table that differs, as lines of cells; or the error that an engine ended with. */
export type Difference =
  | {
      readonly table: 'rows' | 'quarantine';
      readonly columns: readonly string[];
      readonly lines: readonly DifferenceLine[];
    }
  | { readonly failure: string };

export interface DifferenceLine {
  /** ` ` is in both, `-` expected and not given, `+` given and not expected. */
  readonly sign: ' ' | '-' | '+';
  readonly cells: readonly string[];
}

/** Runs all cases on all engines. @returns the failures, in the order of the cases; of each engine the first step alone */
export async function runCases(
  cases: readonly Case[],
  engines: readonly CaseEngine[],
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const engine of engines) {
    for (const { name, outcomes } of await engine.run(cases)) {
      for (const [at, of] of cases.entries()) {
        const failure = firstFailure(of, outcomes[at] ?? []);
        if (failure !== undefined) {
          failures.push({ of, ...failure, engines: [name] });
        }
      }
    }
  }
  return cases.flatMap((of) => merged(failures.filter((failure) => failure.of === of)));
}

/** The first step whose result is not the expected one; undefined when all are. */
export function firstFailure(
  of: Case,
  outcomes: readonly Outcome[],
): { readonly step: number; readonly difference: Difference } | undefined {
  for (const [step, expected] of of.steps.entries()) {
    const difference = differenceOf(of, expected, outcomes[step] ?? { failure: 'There is no result.' });
    if (difference !== undefined) {
      return { step, difference };
    }
  }
  return undefined;
}

function differenceOf(of: Case, expected: Step, outcome: Outcome): Difference | undefined {
  if ('failure' in outcome) {
    return outcome;
  }
  const { subject } = of;
  const inOrder = subject.kind === 'query';
  const rows = between('rows', schemaOf(subject), expected.expected, outcome.rows, inOrder);
  return outcome.quarantined === undefined || rows !== undefined
    ? rows
    : between('quarantine', quarantineSchema, expected.quarantined, outcome.quarantined, false);
}

function between(
  table: 'rows' | 'quarantine',
  schema: Schema,
  expected: readonly Row[],
  got: readonly Row[],
  inOrder: boolean,
): Difference | undefined {
  const columns = Object.keys(schema);
  const textsOf = (rows: readonly Row[]) => {
    const texts = rows.map((row) =>
      JSON.stringify(
        Object.entries(schema).map(([name, type]) => [row[name] === null, cellText(type, row[name] ?? null)]),
      ),
    );
    return inOrder ? texts : texts.toSorted();
  };
  const [wanted, given] = [textsOf(expected), textsOf(got)];
  if (JSON.stringify(wanted) === JSON.stringify(given)) {
    return undefined;
  }
  const lines = differenceLines(wanted, given).map(({ sign, line }): DifferenceLine => {
    const cells: readonly [boolean, string][] = JSON.parse(line);
    return { sign, cells: cells.map(([, text]) => text) };
  });
  return { table, columns, lines };
}

interface SignedLine {
  readonly sign: DifferenceLine['sign'];
  readonly line: string;
}

/** Lines in both, in the longest order that both have, and those in one alone. */
export function differenceLines(before: readonly string[], after: readonly string[]): readonly SignedLine[] {
  // lengths[i][j]: the length of the longest common part of before from i on and after from j on.
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  const lengthAt = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const longest =
        before[i] === after[j]
          ? lengthAt(i + 1, j + 1) + 1
          : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
      lengths[i]?.splice(j, 1, longest);
    }
  }
  const lines: SignedLine[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const [old, now] = [before[i], after[j]];
    if (old !== undefined && old === now) {
      lines.push({ sign: ' ', line: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (now === undefined || lengthAt(i + 1, j) >= lengthAt(i, j + 1))) {
      lines.push({ sign: '-', line: old });
      i += 1;
    } else if (now !== undefined) {
      lines.push({ sign: '+', line: now });
      j += 1;
    }
  }
  return lines;
}

/** Failures of one case, those with the same difference together. */
function merged(failures: readonly Failure[]): readonly Failure[] {
  const byDifference = new Map<string, Failure>();
  for (const failure of failures) {
    const key = JSON.stringify([failure.step, failure.difference]);
    const before = byDifference.get(key);
    byDifference.set(key, { ...failure, engines: [...(before?.engines ?? []), ...failure.engines] });
  }
  return [...byDifference.values()];
}
