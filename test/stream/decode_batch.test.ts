import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { Decoder } from '../../pipeline/json/decoder.ts';
import { decodeBatch } from '../../pipeline/stream/decode_batch.ts';
import { RecordBlock } from '../../pipeline/stream/record_block.ts';

const pin = datasets[0] ?? expect.fail('there is no dataset');

/** Records as nobody would wish them: line ends inside, no bytes, bytes that are no UTF-8, larger than a block. */
const values = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.integer({ min: 0, max: 9 }).map((index) => `{"index":${index},"title":"é${index}"}`),
  },
  fc.constantFrom(
    '{"index":\n1,"title":\r\n"x"}',
    '{"index":1}\n',
    '{"index":1}\n{"index":2}',
    '',
    '\n',
    '{"title":"x"}',
    '{',
  ),
  fc.constant(`{"index":3,"title":"${'long '.repeat(60_000)}"}`),
  fc.constantFrom(
    Buffer.from([0x7b, 0xff]),
    Buffer.concat([Buffer.from('{"index":4,"title":"'), Buffer.from([0xff, 0x22, 0x7d])]),
  ),
);

it('decodeBatch gives for records together what each gives alone, and quarantine names them', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 60 }), fc.nat(60), (given, cut) => {
      const records = given.map((value, index) => ({
        position: String(index),
        value: Buffer.from(value),
        key: null,
        timestamp: 0,
      }));
      const blocks = [new RecordBlock(records.slice(0, cut)), new RecordBlock(records.slice(cut))];
      const decoder = new Decoder(pin);
      const expected: unknown[] = [];
      const quarantined: unknown[] = [];
      for (const { position, value } of records) {
        decoder.decodeLine(value, (line, reason) => {
          quarantined.push({ source: 's', shard: '0', position, text: Buffer.from(line).toString(), reason });
        });
        expected.push(...rowsOf(decoder.take()).map((row) => JSON.stringify(row)));
      }
      const batch = decodeBatch(new Decoder(pin), 's', [{ shard: '0', blocks }]);
      expect(
        rowsOf(batch.rows)
          .map((row) => JSON.stringify(row))
          .sort(),
      ).toEqual(expected.sort());
      const byPosition = (a: { position?: unknown }, b: { position?: unknown }) =>
        Number(a.position) - Number(b.position);
      expect(rowsOf(batch.quarantined).sort(byPosition)).toEqual(quarantined);
      expect(batch.reasons.malformed_json + batch.reasons.missing_key).toBe(quarantined.length);
    }),
    { numRuns: 60 },
  );
});
