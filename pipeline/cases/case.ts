/** Cases: rows that are given to a query or a dataset, and the rows that must come of them. */
import type { Row } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import type { RelationNode } from '../plan/relation.ts';
import type { Schema } from '../plan/types.ts';

/** The definition that cases test. */
export type Subject =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'dataset'; readonly dataset: Dataset };

/** Cleaned rows, or lines of JSON as they land, of one dataset. All rows of a case have the same form. */
export type Given =
  | { readonly form: 'rows'; readonly rows: readonly Row[] }
  | { readonly form: 'lines'; readonly lines: readonly string[] };

export interface Step {
  /** The events that come in this step, by dataset. */
  readonly given: ReadonlyMap<string, Given>;
  /** The whole answer or silver after this step. */
  readonly expected: readonly Row[];
  /** The lines of a dataset that are in quarantine after this step. */
  readonly quarantined: readonly Row[];
}

export interface Case {
  readonly name: string;
  readonly subject: Subject;
  readonly form: Given['form'];
  /** The first step, and one for each `then`. */
  readonly steps: readonly Step[];
  /** The file that holds it, and its first line there. */
  readonly file: string;
  readonly line: number;
}

/** A fault that no case notices, because it changes no answer. */
export interface Harmless {
  readonly fault: string;
  readonly because: string;
  readonly line: number;
}

/** The cases of one query or dataset. */
export interface CaseFile {
  readonly file: string;
  readonly subject: Subject;
  readonly cases: readonly Case[];
  readonly harmless: readonly Harmless[];
}

/** The columns of a line in quarantine that a case names. */
export const quarantineSchema = { reason: 'text', text: 'text' } as const satisfies Schema;

/** The result of an engine after one step. */
export type Outcome =
  | { readonly rows: readonly Row[]; readonly quarantined?: readonly Row[] }
  | { readonly failure: string };

/** A way of computing answers. Some have several variants, such as orders of arrival. */
export interface CaseEngine {
  /** The name that `--engine` takes. */
  readonly name: string;
  /** The results of one variant: for each case, one a step. */
  run(cases: readonly Case[]): Promise<readonly Variant[]>;
}

export interface Variant {
  readonly name: string;
  readonly outcomes: readonly (readonly Outcome[])[];
}

export function nameOf(subject: Subject): string {
  return subject.kind === 'query' ? subject.query.name : subject.dataset.name;
}

/** The plan that a case tests. */
export function planOf(subject: Subject): RelationNode {
  return subject.kind === 'query' ? subject.query.plan : subject.dataset.cleaning.node;
}

/** The columns of the rows that a case expects. */
export function schemaOf(subject: Subject): Schema {
  return subject.kind === 'query' ? subject.query.schema : subject.dataset.cleaning.schema;
}

/** The result of an engine that ended with an error. */
export function failureOf(error: unknown): Outcome {
  return { failure: error instanceof Error ? error.message : String(error) };
}
