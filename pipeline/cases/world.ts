/**
 * Cases of one form as landing files, datasets and queries, so that a whole path runs over all of them at once. Lines as they
 * land go through the datasets' own rules; cleaned rows through rules that keep them as they are.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Row } from '../columns/table.ts';
import { landingFile, parseLandingFile } from '../landing/layout.ts';
import { type Dataset, dataset, type RawSchema, type RawType } from '../plan/dataset.ts';
import { call, type Expression, equals, nullWhen, parseTimestamp } from '../plan/expression.ts';
import { isNull } from '../plan/expressions/conditions.ts';
import type { Query } from '../plan/query.ts';
import { sourcesOf } from '../plan/relation.ts';
import { type ColumnType, columnType } from '../plan/types.ts';
import {
  type Case,
  failureOf,
  type Given,
  nameOf,
  type Outcome,
  planOf,
  type Subject,
  schemaOf,
} from './case.ts';
import { caseColumn, ofEveryCase, withCase } from './every_case.ts';
import { cellText } from './values.ts';

export interface World {
  readonly datasets: readonly Dataset[];
  readonly queries: readonly Query[];
  /** Lands what cases give in a step, by number from 0. */
  land(folder: string, step: number): Promise<void>;
  /** The results of cases, from the tables that a path has written. */
  outcomes(tables: WrittenTables): Promise<readonly Outcome[]>;
}

/** Reads a table that a path has written, such as `silver/pin`. */
export type WrittenTables = (
  layer: 'silver' | 'quarantine' | 'gold',
  name: string,
) => Promise<readonly Row[]>;

/** The number of the case that lands in each dataset, whatever is given: a path does not run over nothing. */
const filler = 0;

/** @param cases all of one form */
export function worldOf(cases: readonly Case[], all: readonly Dataset[]): World {
  const form = cases[0]?.form ?? 'rows';
  const subjects = [...new Set(cases.map(({ subject }) => subject))];
  const read = new Set(subjects.flatMap(datasetsReadBy));
  const originals = all.filter(({ name }) => read.has(name));
  const datasets = originals.map((each) => (form === 'lines' ? landedDataset(each) : keptDataset(each)));
  const queries = subjects.flatMap((subject) =>
    subject.kind === 'query'
      ? [{ ...subject.query, plan: ofEveryCase(subject.query.plan), schema: withCase(subject.query.schema) }]
      : [],
  );
  return {
    datasets,
    queries,
    land: (folder, step) => land(folder, originals, cases, step),
    outcomes: (tables) => outcomesOf(cases, tables),
  };
}

function datasetsReadBy(subject: Subject): readonly string[] {
  return subject.kind === 'dataset' ? [subject.dataset.name] : [...sourcesOf(planOf(subject)).keys()];
}

/** The dataset as it is, and the case of each event. */
function landedDataset(original: Dataset): Dataset {
  const { schema } = original.cleaning;
  const raw: RawSchema = { [caseColumn]: 'bigint', ...original.raw };
  return dataset({
    ...original,
    raw,
    clean: (row): Record<string, Expression> => ({
      [caseColumn]: fieldOf(row, caseColumn),
      ...mapEntries(original.clean, (node, name): Expression => ({ type: columnType(schema, name), node })),
    }),
  });
}

/** A dataset whose events are cleaned rows, and the case of each. */
function keptDataset(original: Dataset): Dataset {
  const fields = mapEntries(original.cleaning.schema, rawType);
  const raw: RawSchema = { [caseColumn]: 'bigint', ...fields };
  return dataset({
    ...original,
    key: original.keyColumn,
    raw,
    clean: (row): Record<string, Expression> => ({
      [caseColumn]: fieldOf(row, caseColumn),
      ...mapEntries(original.cleaning.schema, (type, name) =>
        kept(type, fieldOf(row, name), fieldOf(row, caseColumn)),
      ),
    }),
  });
}

function fieldOf(row: Readonly<Record<string, Expression | undefined>>, name: string): Expression {
  const field = row[name];
  if (field === undefined) {
    throw new RangeError(`There is no field "${name}".`);
  }
  return field;
}

function rawType(type: ColumnType): RawType {
  return type === 'bigint' || type === 'double' ? type : 'text';
}

/** A cleaned value from its raw field. Types that no line can carry are null: cases cannot give them. */
function kept(type: ColumnType, field: Expression, number: Expression): Expression {
  const text: Expression<'text'> = { type: 'text', node: field.node };
  switch (type) {
    case 'bigint':
    case 'double':
    case 'text':
      return field;
    case 'timestamp':
      return parseTimestamp(text);
    case 'date':
      return call('text_to_date', 'date', text);
    case 'boolean':
      return equals(text, 'true');
    default:
      return nullWhen({ type, node: { kind: 'literal', type, value: null } }, isNull(number));
  }
}

/** Lands a file for each case: only the file tells the case of a line that is no event. */
async function land(
  folder: string,
  datasets: readonly Dataset[],
  cases: readonly Case[],
  step: number,
): Promise<void> {
  for (const each of datasets) {
    const key = cases[0]?.form === 'lines' ? each.key : each.keyColumn;
    const first = step === 0 ? [JSON.stringify({ [caseColumn]: filler, [key]: 0 })] : [];
    const landed = cases.map((of, at) => linesOf(of.steps[step]?.given.get(each.name), each, at + 1));
    for (const [number, lines] of [first, ...landed].entries()) {
      if (lines.length > 0) {
        const path = join(folder, landingFile(each.name, number, step));
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, lines.map((line) => `${line}\n`).join(''));
      }
    }
  }
}

/** Events of a case, as lines with its number in each event. */
function linesOf(
  given: Given | undefined,
  { cleaning: { schema } }: Dataset,
  number: number,
): readonly string[] {
  if (given?.form === 'lines') {
    return given.lines.map((line) => withNumber(line, number));
  }
  return (given?.rows ?? []).map((row) => {
    const cells = Object.entries(schema).flatMap(([name, type]) => {
      const value = row[name] ?? null;
      return value === null
        ? []
        : [[name, rawType(type) === 'text' ? cellText(type, value) : value] as const];
    });
    return JSON.stringify({ [caseColumn]: number, ...Object.fromEntries(cells) });
  });
}

const numberInLine = new RegExp(`"${caseColumn}":\\d+,?`);

/** An event with the number of its case; any other line as it is. */
function withNumber(line: string, number: number): string {
  if (!isObject(line)) {
    return line;
  }
  const separator = /^\s*\{\s*\}\s*$/.test(line) ? '' : ',';
  return line.replace('{', () => `{"${caseColumn}":${number}${separator}`);
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

async function outcomesOf(cases: readonly Case[], tables: WrittenTables): Promise<readonly Outcome[]> {
  const outcomes = new Map<Case, Outcome>();
  for (const subject of new Set(cases.map((of) => of.subject))) {
    const results = await outcomesOfSubject(subject, cases.length, tables);
    for (const [at, of] of cases.entries()) {
      if (of.subject === subject) {
        outcomes.set(of, results(at + 1));
      }
    }
  }
  return cases.map((of) => outcomes.get(of) ?? { failure: 'There is no result.' });
}

/** The results of a subject by the number of the case. */
async function outcomesOfSubject(
  subject: Subject,
  count: number,
  tables: WrittenTables,
): Promise<(number: number) => Outcome> {
  const name = nameOf(subject);
  const columns = Object.keys(schemaOf(subject));
  const plain = (row: Row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
  try {
    const written = await tables(subject.kind === 'query' ? 'gold' : 'silver', name);
    const rows = grouped(written, count, (row) => Number(row[caseColumn]));
    if (subject.kind === 'query') {
      return (number) => ({ rows: (rows[number] ?? []).map(plain) });
    }
    const bad = grouped(await tables('quarantine', name), count, ({ file }) => partitionOf(String(file)));
    return (number) => ({
      rows: (rows[number] ?? []).map(plain),
      quarantined: (bad[number] ?? []).map(({ reason = null, text }) => ({
        reason,
        text: String(text).replace(numberInLine, ''),
      })),
    });
  } catch (error) {
    return () => failureOf(error);
  }
}

function partitionOf(file: string): number {
  return parseLandingFile(file)?.partition ?? -1;
}

function grouped(
  rows: readonly Row[],
  count: number,
  numberOf: (row: Row) => number,
): readonly (readonly Row[])[] {
  const groups = Array.from({ length: count + 1 }, (): Row[] => []);
  for (const row of rows) {
    groups[numberOf(row)]?.push(row);
  }
  return groups;
}

function mapEntries<V, W>(
  record: Readonly<Record<string, V>>,
  change: (value: V, name: string) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
