import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsIn, isPacked } from '../../pipeline/stream/unpack.ts';
import { aggregateByLibrary, aggregateOf } from './aggregates.ts';

const textsIn = (value: Uint8Array) =>
  [...eventsIn(value)].map((event) => Buffer.from(event).toString('latin1'));

describe('an aggregate of the Kinesis Producer Library', () => {
  it('gives the records that another library put into it', () => {
    expect(isPacked(aggregateByLibrary)).toBe(true);
    expect(textsIn(aggregateByLibrary)).toEqual([
      '{"index":1,"title":"one"}',
      '{"index":2,"title":"two"}',
      '{\xff',
    ]);
  });

  it('gives any records, empty and compressed ones too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }).filter((bytes) => !isPacked(bytes))),
        (records) => {
          const packed = aggregateOf(
            records.map((record, index) => (index % 2 === 0 ? record : gzipSync(record))),
          );
          expect([...eventsIn(packed)].map((event) => [...event])).toEqual(
            records.map((record) => [...record]),
          );
        },
      ),
    );
  });

  it('is left whole when any of its bytes is another', () => {
    for (let at = 0; at < aggregateByLibrary.length; at += 1) {
      const damaged = Buffer.from(aggregateByLibrary);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      expect([...eventsIn(damaged)]).toEqual([damaged]);
    }
  });

  it.each([
    ['that is cut off', [0x1a]],
    ['with a length beyond the end', [0x1a, 0x05, 0x1a, 0x00]],
    ['with a length without an end', [0x1a, ...new Array(11).fill(0xff)]],
    ['with a record that has no data', [0x1a, 0x02, 0x08, 0x00]],
    ['whose records are numbers', [0x18, 0x01]],
    ['with a group, which nobody writes any more', [0x1b]],
  ])('is left whole when it is signed but holds a message %s', (_, message) => {
    const value = signed(Buffer.from(message));
    expect([...eventsIn(value)]).toEqual([value]);
  });

  it('passes over fields that its format does not have', () => {
    const record = [
      0x08, 0x00, 0x1a, 0x01, 0x78, 0x22, 0x01, 0x79, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, 0x35, 1, 2, 3, 4,
    ];
    expect(textsIn(signed(Buffer.from([0x1a, record.length, ...record])))).toEqual(['x']);
  });

  it('may be empty', () => {
    expect(textsIn(signed(Buffer.alloc(0)))).toEqual([]);
  });
});

describe('a compressed record', () => {
  it('gives what was compressed', () => {
    expect(textsIn(gzipSync('{"index":1}'))).toEqual(['{"index":1}']);
  });

  it.each<[string, Buffer]>([
    ['cut off', gzipSync('{"index":1}').subarray(0, -3)],
    ['followed by something else', Buffer.concat([gzipSync('{"index":1}'), Buffer.from('{}')])],
    ['longer than any event', gzipSync(Buffer.alloc(16 * 1024 * 1024 + 1))],
  ])('is left as it is when it is %s', (_, value) => {
    expect([...eventsIn(value)]).toEqual([value]);
  });
});

it('takes no JSON for packed', () => {
  fc.assert(fc.property(fc.json(), (json) => !isPacked(Buffer.from(json))));
  expect(isPacked(new Uint8Array())).toBe(false);
});

function signed(message: Uint8Array): Buffer {
  const digest = createHash('md5').update(message).digest();
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, digest]);
}
