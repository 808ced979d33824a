/** The keys of a person's posts. */
import { columnAt } from '../columns/table.ts';
import { DeltaTable, tablePath } from '../delta/table.ts';
import type { Dataset } from '../plan/dataset.ts';

/** The cleaned column that holds a person's first and last name, joined by a space. */
const nameColumn = 'user_name';

/** The keys of all rows in silver of either path that have a person's name, ascending. @throws DeltaError */
export async function keysOfPerson(
  lake: string,
  datasets: readonly Dataset[],
  person: string,
): Promise<readonly number[]> {
  const keys = new Set<number>();
  for (const path of [['silver'], ['stream', 'silver']]) {
    for (const { name, keyColumn, cleaning } of datasets) {
      const table =
        cleaning.schema[nameColumn] === undefined
          ? undefined
          : await DeltaTable.openIfExists(tablePath(lake, ...path, name));
      for await (const rows of table?.readFiles({ columns: [keyColumn, nameColumn] }) ?? []) {
        const [key, named] = [columnAt(rows, keyColumn), columnAt(rows, nameColumn)];
        for (let row = 0; row < rows.length; row += 1) {
          if (named.at(row) === person) {
            keys.add(Number(key.at(row)));
          }
        }
      }
    }
  }
  return [...keys].sort((a, b) => a - b);
}

/** Reads whole numbers, separated by commas, blanks or line ends. @throws Error that names what is none */
export function keysIn(text: string): readonly number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = words.find((word) => !/^-?[0-9]+$/.test(word) || !Number.isSafeInteger(Number(word)));
  if (wrong !== undefined) {
    throw new Error(
      `"${wrong}" is no key: a key is a whole number within ±(2⁵³−1), as the field ind or index has it.`,
    );
  }
  return [...new Set(words.map(Number))];
}
