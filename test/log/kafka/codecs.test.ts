import { describe, expect, it } from 'vitest';
import { unpackLz4, unpackSnappy } from '../../../pipeline/log/kafka/codecs.ts';

// Batches of Java clients and brokers are read in test/real/log/kafka.test.ts.

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('batches of clients that are not Java', () => {
  it('reads one block of Snappy without a header', () => {
    // Nine bytes: the literal "abc", and six more from three bytes back.
    const block = Buffer.from([9, (3 - 1) << 2, 0x61, 0x62, 0x63, ((6 - 4) << 2) | 1, 3]);
    expect(text(unpackSnappy(block))).toBe('abcabcabc');
    expect(unpackSnappy(Buffer.from([0]))).toHaveLength(0);
  });

  it('reads a frame of LZ4 with every optional part, whose blocks refer to those before them', () => {
    const header = [0x04, 0x22, 0x4d, 0x18, 0b0101_1000, 0x40, ...[18, 0, 0, 0, 0, 0, 0, 0], 0];
    const checksum = [1, 2, 3, 4];
    const uncompressed = [3, 0, 0, 0x80, 0x61, 0x62, 0x63, ...checksum];
    // Two literals, twelve bytes from five bytes back, and one literal more.
    const linked = [7, 0, 0, 0, 0x28, 0x2d, 0x2d, 5, 0, 0x10, 0x2e, ...checksum];
    expect(text(unpackLz4(Buffer.from([...header, ...uncompressed, ...linked, 0, 0, 0, 0])))).toBe(
      'abc--abc--abc--ab.',
    );
  });

  it('refuses what is no frame, or ends before its end', () => {
    expect(() => unpackLz4(Buffer.from('not a frame'))).toThrow(/does not begin as a frame of LZ4/);
    expect(() => unpackLz4(Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0, 9, 0, 0, 0]))).toThrow();
  });
});
