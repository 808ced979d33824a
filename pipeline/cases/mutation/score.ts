/** Says which planted faults the cases of a query or dataset notice. */
import type { Dataset } from '../../plan/dataset.ts';
import type { RelationNode } from '../../plan/relation.ts';
import { type CaseFile, type Harmless, planOf } from '../case.ts';
import { answersByArquero } from '../engines.ts';
import { firstFailure } from '../run_cases.ts';
import { faultsOf } from './faults.ts';
import { faultText } from './plan_lines.ts';

export interface Score {
  readonly file: CaseFile;
  readonly planted: number;
  /** Faults that no case notices. */
  readonly unnoticed: readonly UnnoticedFault[];
  /** Entries of the file's `harmless` that name no fault, or one that a case notices. */
  readonly outdated: readonly Harmless[];
}

export interface UnnoticedFault {
  readonly plan: RelationNode;
  /** The rewritten line: `was → is`. */
  readonly text: string;
  /** The reason why it changes no answer, where the file gives one. */
  readonly because: string | undefined;
}

export function scoreOf(file: CaseFile, datasets: readonly Dataset[]): Score {
  const plan = planOf(file.subject);
  const faults = faultsOf(plan);
  const unnoticed = faults
    .filter((faulty) =>
      file.cases.every((of) => firstFailure(of, answersByArquero(faulty, of, datasets)) === undefined),
    )
    .map((faulty) => {
      const text = faultText(plan, faulty);
      return { plan: faulty, text, because: file.harmless.find(({ fault }) => fault === text)?.because };
    });
  const found = new Set(unnoticed.map(({ text }) => text));
  const outdated = file.harmless.filter(({ fault }) => !found.has(fault));
  return { file, planted: faults.length, unnoticed, outdated };
}
