/** The files of cases beside the project's queries and datasets. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** The folders of definitions, and of the cases beside them, from the root of the repository. */
const folders = { query: 'queries', dataset: join('pipeline', 'datasets') } as const;

const ending = '.cases.yaml';

/** The path of a subject's cases from the root of the repository. */
export function caseFileOf(subject: Subject): string {
  return join(folders[subject.kind], nameOf(subject) + ending);
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
  const subjects = subjectsOf(project);
  const mistakes = strayFiles(project.root, subjects).map(
    (file) =>
      `${file}: nothing there has this name. A file of cases is called <name of the query or dataset>${ending}.`,
  );
  for (const subject of subjects) {
    const file = caseFileOf(subject);
    const path = join(project.root, file);
    if (!existsSync(path)) {
      without.push(subject);
      continue;
    }
    try {
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

/** Files of cases that belong to no subject, sorted. */
function strayFiles(root: string, subjects: readonly Subject[]): readonly string[] {
  const known = new Set(subjects.map(caseFileOf));
  return Object.values(folders).flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name))
      .filter((file) => !known.has(file))
      .sort(),
  );
}
