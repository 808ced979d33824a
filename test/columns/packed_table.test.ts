import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StringColumn } from '../../pipeline/columns/column.ts';
import { buffersOf, TablePacker, TableUnpacker } from '../../pipeline/columns/packed_table.ts';
import { rowsOf, tableOfRows } from '../../pipeline/columns/table.ts';
import { sourceRow, sources } from '../support/random_rows.ts';

const schema = { ...sources.left, ...sources.right };

describe('a table sent to another thread', () => {
  it('arrives with the same rows, whether its tables share a dictionary or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(sourceRow(schema), { maxLength: 20 }), { maxLength: 4 }),
        fc.boolean(),
        (tables, shares) => {
          const [packer, unpacker] = [new TablePacker(), new TableUnpacker()];
          const word = new StringColumn();
          for (const rows of tables) {
            const table = tableOfRows(schema, rows);
            // One dictionary for all tables, or a new one each time.
            const shared = new StringColumn(shares ? word.dictionary : undefined);
            for (const row of rows) {
              shared.add(row.word ?? null);
            }
            const packed = packer.pack('t', { ...table, columns: { ...table.columns, word: shared } });
            const arrived = unpacker.unpack(structuredClone(packed, { transfer: buffersOf(packed) }));
            expect(rowsOf(arrived)).toEqual(
              rows.map((row) => Object.fromEntries(Object.keys(schema).map((name) => [name, row[name]]))),
            );
          }
        },
      ),
    );
  });
});
