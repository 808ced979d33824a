/** The files of cases beside the project's queries and datasets. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { type CaseFile, nameOf, type Subject } from './case.ts';
import { readCases } from './read_cases.ts';
import { CaseError } from './yaml_reader.ts';

/** The definitions of a project, and the folder of the repository. */
export interface Project {
  readonly root: string;
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
}

/** The path of a subject's cases from the root of the repository. */
export function caseFileOf(subject: Subject): string {
  const folder = subject.kind === 'query' ? 'queries' : join('pipeline', 'datasets');
  return join(folder, `${nameOf(subject)}.cases.yaml`);
}

/** Datasets first, because queries read what they clean. */
function subjectsOf({ datasets, queries }: Project): readonly Subject[] {
  return [
    ...datasets.map((dataset) => ({ kind: 'dataset', dataset }) as const),
    ...queries.map((query) => ({ kind: 'query', query }) as const),
  ];
}

/**
 * Reads the cases of all datasets and queries.
 * @returns the files, and the subjects that have none
 * @throws CaseError with all mistakes of all files
 */
export function casesOf(project: Project): {
  readonly files: readonly CaseFile[];
  readonly without: readonly Subject[];
} {
  const files: CaseFile[] = [];
  const without: Subject[] = [];
  const mistakes: string[] = [];
  for (const subject of subjectsOf(project)) {
    const path = join(project.root, caseFileOf(subject));
    if (!existsSync(path)) {
      without.push(subject);
      continue;
    }
    try {
      const file = relative(project.root, path);
      files.push(readCases(file, readFileSync(path, 'utf8'), subject, project.datasets));
    } catch (error) {
      if (!(error instanceof CaseError)) {
        throw error;
      }
      mistakes.push(error.message);
    }
  }
  if (mistakes.length > 0) {
    throw new CaseError(mistakes.join('\n'));
  }
  return { files, without };
}
