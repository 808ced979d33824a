import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rowsOf } from '../../pipeline/columns/table.ts';
import { datasets } from '../../pipeline/datasets/index.ts';
import { Erasures } from '../../pipeline/erasures.ts';
import { Decoder } from '../../pipeline/json/decoder.ts';
import { quarantineText } from '../../pipeline/json/quarantine_text.ts';
import { decodeBatch } from '../../pipeline/stream/decode_batch.ts';
import { RecordBlock } from '../../pipeline/stream/record_block.ts';
import { eventsIn } from '../../pipeline/stream/unpack.ts';
import { aggregateByLibrary, aggregateOf } from './aggregates.ts';

const pin = datasets[0] ?? expect.fail('there is no dataset');

/** Records as nobody would wish them: line ends inside, no bytes, bytes that are no UTF-8, larger than a block, packed. */
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
    Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xff, 0x22, 0x7d])]),
    aggregateByLibrary,
    aggregateByLibrary.subarray(1),
    aggregateOf([gzipSync('{"index":5}'), Buffer.from('{"index":\n6}'), gzipSync('no event')]),
    aggregateOf([]),
    gzipSync('{"index":7}'),
    gzipSync('{"index":8}').subarray(0, -1),
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
        for (const event of eventsIn(value)) {
          decoder.decodeLine(event, (_, reason) => {
            const text = Buffer.from(quarantineText(event)).toString();
            quarantined.push({ source: 's', shard: '0', position, text, reason });
          });
        }
        expected.push(...rowsOf(decoder.take()).map((row) => JSON.stringify(row)));
      }
      const batch = decodeBatch(new Decoder(pin), pin, 's', [{ shard: '0', blocks }], Erasures.none);
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

const bytesMark = 'data:application/octet-stream;base64,';

it.each<[string, Uint8Array, string]>([
  ['its text', Buffer.from('{"title":"é"}'), '{"title":"é"}'],
  ['its bytes when they are no text', Buffer.from([0x7b, 0xff]), `${bytesMark}e/8=`],
  [
    'its bytes when a text looks like bytes',
    Buffer.from(`${bytesMark}e/8=`),
    `${bytesMark}${Buffer.from(`${bytesMark}e/8=`).toString('base64')}`,
  ],
  ['the bytes of the event in it', aggregateOf([Buffer.from([0xff])]), `${bytesMark}/w==`],
  [
    'the whole when it cannot be unpacked',
    aggregateByLibrary.subarray(0, -1),
    `${bytesMark}${aggregateByLibrary.subarray(0, -1).toString('base64')}`,
  ],
])('decodeBatch quarantines a record that is no event as %s', (_, value, text) => {
  const block = new RecordBlock([{ position: '7', value, key: null, timestamp: 0 }]);
  const { quarantined } = decodeBatch(
    new Decoder(pin),
    pin,
    's',
    [{ shard: '0', blocks: [block] }],
    Erasures.none,
  );
  expect(rowsOf(quarantined)).toMatchObject([{ position: '7', text }]);
});

it('decodeBatch passes over tombstones, and quarantines values without a byte', () => {
  const record = { value: new Uint8Array(), key: 'key', timestamp: 0 };
  const block = new RecordBlock([
    { ...record, position: '0', isTombstone: true },
    { ...record, position: '1', value: Buffer.from('{"index":1}') },
    { ...record, position: '2' },
    { ...record, position: '3', isTombstone: true },
  ]);
  expect(block).toMatchObject({ length: 4, last: { position: '3' } });
  const { rows, quarantined } = decodeBatch(
    new Decoder(pin),
    pin,
    's',
    [{ shard: '0', blocks: [block] }],
    Erasures.none,
  );
  expect(rowsOf(rows).map(({ ind }) => ind)).toEqual([1]);
  expect(rowsOf(quarantined)).toMatchObject([{ position: '2', text: '', reason: 'malformed_json' }]);
});

it('decodeBatch finds every event of a packed record, and counts them', () => {
  const values = [aggregateByLibrary, gzipSync('{"index":3}'), Buffer.from('{"index":4}')];
  const records = values.map((value, index) => ({ position: String(index), value, key: null, timestamp: 0 }));
  const { rows, reasons } = decodeBatch(
    new Decoder(pin),
    pin,
    's',
    [{ shard: '0', blocks: [new RecordBlock(records)] }],
    Erasures.none,
  );
  expect(rowsOf(rows).map(({ ind }) => ind)).toEqual([1, 2, 3, 4]);
  expect(reasons).toEqual({ malformed_json: 1, missing_key: 0 });
});

it('decodeBatch leaves out what was erased, by the time of each record, whatever it is packed in', () => {
  const erasures = new Erasures([
    { key: 1, erasedAt: 10, returns: false },
    { key: 2, erasedAt: 10, returns: true },
  ]);
  const record = (value: string | Uint8Array, timestamp: number) => ({
    position: '0',
    value: Buffer.from(value),
    key: null,
    timestamp,
  });
  const post = (index: number, title: string) => `{"index":${index},"title":"${title}"}`;
  const block = new RecordBlock([
    record(post(1, 'before'), 9),
    record(post(2, 'before'), 10),
    record('{"index":2,', 10),
    record('{"title":"no key"}', 10),
    record(post(3, 'other'), 9),
    record(aggregateOf([Buffer.from(post(2, 'in many')), Buffer.from(post(1, 'in many'))]), 11),
    record('{"index":1,', 11),
    record(post(1, 'after'), 11),
    record(post(2, 'after'), 11),
    record('{"index":2,', 11),
  ]);
  const parts = [{ shard: '0', blocks: [block] }];
  const { rows, quarantined, erased } = decodeBatch(new Decoder(pin), pin, 's', parts, erasures);
  expect(rowsOf(rows).map(({ ind, title }) => [ind, title])).toEqual([
    [3, 'other'],
    [2, 'in many'],
    [2, 'after'],
  ]);
  expect(rowsOf(quarantined).map(({ text }) => text)).toEqual(['{"title":"no key"}', '{"index":2,']);
  expect(erased).toBe(6);
});
