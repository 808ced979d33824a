/** Makes a case of real rows: the fewest that give some rows of an answer, without personal fields. */
import type { ColumnarTable, Row } from '../columns/table.ts';
import type { Dataset } from '../plan/dataset.ts';
import type { Query } from '../plan/query.ts';
import { columnType } from '../plan/types.ts';
import { replaced, replacementsFor } from './impersonal.ts';
import { answerOver, rowsRead, type SilverRow, smallestRows } from './shrink.ts';
import { cellText } from './values.ts';
import { caseYaml } from './write_case.ts';

/**
 * A case as YAML.
 * @param asked `column=value` of the rows of the answer to keep, several by commas. Default: the first row
 * @throws RangeError when no row is asked for, or the answer depends on personal fields themselves
 */
export function madeCase(
  query: Query,
  datasets: readonly Dataset[],
  silver: Readonly<Record<string, ColumnarTable>>,
  asked?: string,
  name?: string,
): string {
  const all = rowsRead(query, datasets, silver);
  const rows = askedRows(query, answerOver(query, datasets, all), asked);
  const fewest = smallestRows(query, datasets, all, rows);
  const replacements = replacementsFor(fewest);
  const given = fewest
    .map((each) => ({ ...each, row: replaced(each.row, replacements) }))
    .toSorted((a, b) => keyOf(a) - keyOf(b));
  const answer = answerOver(query, datasets, given);
  const expected = rows.map((row) => replaced(row, replacements));
  const texts = new Set(answer.map((row) => JSON.stringify(row)));
  if (!expected.every((row) => texts.has(JSON.stringify(row)))) {
    throw new RangeError(
      `The answer of ${query.name} depends on what keys or personal fields say, so that they cannot be replaced: write this case by hand.`,
    );
  }
  return caseYaml(
    name ?? `gives ${expected.map((row) => rowText(query, row)).join('; ')}`,
    datasets,
    given,
    query,
    answer,
  );
}

function keyOf({ dataset, row }: SilverRow): number {
  return Number(row[dataset.keyColumn]);
}

function askedRows(query: Query, answer: readonly Row[], asked: string | undefined): readonly Row[] {
  if (asked === undefined) {
    if (answer.length === 0) {
      throw new RangeError(`The answer of ${query.name} over these events has no row.`);
    }
    return answer.slice(0, 1);
  }
  const conditions = asked.split(',').map((condition) => {
    const [column = '', ...value] = condition.split('=');
    const type = columnType(query.schema, column.trim());
    return { column: column.trim(), type, value: value.join('=') };
  });
  const rows = answer.filter((row) =>
    conditions.every(({ column, type, value }) => cellText(type, row[column] ?? null) === value),
  );
  if (rows.length === 0) {
    const shown = answer.slice(0, 3).map((row) => rowText(query, row));
    throw new RangeError(
      `No row of the answer of ${query.name} has ${asked}; it has ${answer.length} rows: ${shown.join('; ')} …`,
    );
  }
  return rows;
}

function rowText({ schema }: Query, row: Row): string {
  return Object.entries(schema)
    .map(([name, type]) => `${name} ${cellText(type, row[name] ?? null)}`)
    .join(', ');
}
