import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextColumn } from '../../pipeline/table/column.ts';
import { rowsOf, tableOfRows } from '../../pipeline/table/columnar_table.ts';
import { buffersOf, packTable, unpackTable } from '../../pipeline/table/packed_table.ts';
import { sourceRow, sources } from '../live/random_plans.ts';

const schema = { ...sources.left, ...sources.right };

describe('a table that changes threads', () => {
  it('is the same on the other side, and can be added to', () => {
    fc.assert(
      fc.property(fc.array(sourceRow(schema), { maxLength: 30 }), (rows) => {
        const packed = packTable(tableOfRows(schema, rows));
        const arrived = unpackTable(structuredClone(packed, { transfer: buffersOf(packed) }));
        expect(rowsOf(arrived)).toEqual(
          rows.map((row) => Object.fromEntries(Object.keys(schema).map((name) => [name, row[name]]))),
        );
        const word = arrived.columns.word;
        if (word instanceof TextColumn) {
          for (const text of ['new here', 'é', 'a']) {
            expect(word.dictionary.text(word.dictionary.codeOf(text))).toBe(text);
            expect(word.dictionary.codeOf(text)).toBe(word.dictionary.codeOf(text));
          }
        }
      }),
    );
  });
});
