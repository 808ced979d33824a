/** Tables of numbered rows. */
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { DeltaTable, readDeltaTable } from '../../pipeline/delta/table.ts';

export const schema = { number: 'bigint', name: 'text' } as const;

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** A row for each number, with a name and the number after it. */
export function named(name: string, ...numbers: number[]) {
  return tableOfRows(
    schema,
    numbers.map((number) => ({ number, name: `${name} ${number}` })),
  );
}

export const rows = (...numbers: number[]) => named('name', ...numbers);

/** A table with one commit for each row, from 1 on. */
export async function tableOf(folder: string, count: number): Promise<DeltaTable> {
  const table = await DeltaTable.create(folder, schema);
  for (let number = 1; number <= count; number += 1) {
    await table.append([rows(number)]);
  }
  return table;
}

export async function numbersIn(folder: string, version?: number): Promise<number[]> {
  const read = await readDeltaTable(folder, version === undefined ? {} : { version });
  return rowsOf(read).map(({ number }) => Number(number));
}
