/**
 * Unpacks batches that producers have compressed with Snappy, LZ4 or Zstandard: kafkajs by itself knows gzip alone. We
 * write batches without compression, so nothing is packed here.
 */

import { decompressSnappy, decompressZstd } from 'hyparquet-compressors';
import { CompressionCodecs, CompressionTypes } from './kafkajs.ts';

/** Makes kafkajs read batches of every compression that Kafka has. */
export function readAllCompressions(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => codec('Snappy', unpackSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = () => codec('LZ4', unpackLz4);
  CompressionCodecs[CompressionTypes.ZSTD] = () => codec('Zstandard', (bytes) => decompressZstd(bytes));
}

function codec(name: string, unpack: (bytes: Uint8Array) => Uint8Array) {
  return {
    compress: () => Promise.reject(new Error(`Batches are not written with ${name}, they are only read.`)),
    decompress: async (bytes: Uint8Array) => {
      const unpacked = unpack(bytes);
      return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
    },
  };
}

/** Begins what Java clients write: blocks of Snappy, each after its length (xerial/snappy-java, SnappyOutputStream). */
const snappyJava = Buffer.from('\x82SNAPPY\0', 'latin1');
/** The magic and two versions. */
const snappyJavaHeaderBytes = 16;

/** The blocks of a Java client, or the single block of others (librdkafka). */
export function unpackSnappy(bytes: Uint8Array): Uint8Array {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!input.subarray(0, snappyJava.length).equals(snappyJava)) {
    return unpackSnappyBlock(input);
  }
  const blocks: Uint8Array[] = [];
  for (let at = snappyJavaHeaderBytes; at < input.length; ) {
    const end = at + 4 + input.readInt32BE(at);
    blocks.push(unpackSnappyBlock(input.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(blocks);
}

/** A block begins with the length of what is in it, seven bits a byte, the lowest first. */
function unpackSnappyBlock(block: Uint8Array): Uint8Array {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    // A block that ends here is refused when it is unpacked.
    const byte = block[at] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) {
      break;
    }
  }
  return length === 0 ? new Uint8Array() : decompressSnappy(block, length);
}

const lz4Magic = 0x184d2204;
const isUncompressed = 0x80000000;

/** A frame of LZ4 (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Its checksums are left out: Kafka has its own. */
export function unpackLz4(bytes: Uint8Array): Uint8Array {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (input.readUInt32LE(0) !== lz4Magic) {
    throw new Error('The batch does not begin as a frame of LZ4 does.');
  }
  const flags = input.readUInt8(4);
  const blockChecksumBytes = flags & 0x10 ? 4 : 0;
  const output = new GrowingBytes();
  // Magic, flags, block size, the content's size where it is told, and the header's checksum.
  for (let at = 4 + 2 + (flags & 0x08 ? 8 : 0) + 1; ; ) {
    const size = input.readUInt32LE(at);
    const length = size % isUncompressed;
    if (length === 0) {
      return output.bytes();
    }
    const block = input.subarray(at + 4, at + 4 + length);
    if (size >= isUncompressed) {
      output.add(block);
    } else {
      unpackLz4Block(block, output);
    }
    at += 4 + length + blockChecksumBytes;
  }
}

/** Sequences of literals and of a match in what was unpacked before, in this block or in one before it. */
function unpackLz4Block(block: Buffer, output: GrowingBytes): void {
  let at = 0;
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; ) {
      byte = block.readUInt8(at++);
      length += byte;
    }
    return length;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = lengthOf(token >> 4);
    output.add(block.subarray(at, at + literals));
    at += literals;
    // The last sequence has no match.
    if (at < block.length) {
      const distance = block.readUInt16LE(at);
      at += 2;
      output.repeat(distance, lengthOf(token & 15) + 4);
    }
  }
}

class GrowingBytes {
  private buffer = new Uint8Array(1 << 16);
  private length = 0;

  add(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Adds bytes that were added so long ago again; they may reach into those that are added now. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) {
      throw new Error(`A match of LZ4 begins ${distance} bytes back, where there are ${this.length}.`);
    }
    this.makeRoom(count);
    const end = this.length + count;
    for (; this.length < end; this.length += 1) {
      // Within bounds, as checked above.
      this.buffer[this.length] = this.buffer[this.length - distance] ?? 0;
    }
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private makeRoom(count: number): void {
    if (this.length + count > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.length + count, 2 * this.buffer.length));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
  }
}
