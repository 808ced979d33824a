import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecords } from '../../pipeline/log/embedded/record.ts';

const time = 1_600_000_000_000;
const key = Buffer.from('k');
const value = Buffer.from('{}');
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a record of the embedded log', () => {
  it('lies in its file as it always did, unless it is traced', () => {
    expect(
      encodeRecords(
        [
          { key, value },
          { key: null, value },
        ],
        258,
        time,
      ).toString('hex'),
    ).toBe(
      '1300000057a93d4602010000000000806e877401010000006b7b7d' +
        '1200000088d2ef9203010000000000806e877401ffffffff7b7d',
    );
  });

  it('that is traced has its trace between key and value', () => {
    const bytes = encodeRecords([{ key, value, traceparent }], 258, time);
    expect(bytes.subarray(8).toString('latin1')).toBe(
      `\x02\x01\0\0\0\x80\0\x80\x6e\x87\x74\x01\x01\0\0\0k\x37${traceparent}{}`,
    );
    expect(decodeRecord(bytes, 0, 258)).toEqual({
      offset: 258,
      bytes: bytes.length,
      record: { position: '258', key: 'k', value, timestamp: time, traceparent },
    });
  });

  it('is not read where it was cut off, at another offset, or with a bit changed', () => {
    for (const record of [
      { key, value },
      { key, value, traceparent },
    ]) {
      const bytes = encodeRecords([record], 258, time);
      for (let end = 0; end < bytes.length; end++) {
        expect(decodeRecord(bytes.subarray(0, end), 0, 258)).toBeNull();
      }
      expect(decodeRecord(bytes, 0, 257)).toBeNull();
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(decodeRecord(changed, 0, 258)).toBeNull();
      }
    }
  });
});
