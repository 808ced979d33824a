/**
 * Compresses in the Snappy format (https://github.com/google/snappy/blob/main/format_description.txt): blocks of 64 KiB,
 * each a row of literals and copies found by a hash of four bytes. Written over two typed arrays, without a call or an
 * object a byte, since this is what most of writing Parquet costs.
 */

const blockSize = 1 << 16;
const hashBits = 14;
/** Where the four bytes of a hash were last met in the block. */
const lastMet = new Uint16Array(1 << hashBits);

/** The most bytes that so many may become. */
export function snappyBound(length: number): number {
  return 32 + length + Math.ceil(length / 6);
}

/**
 * Compresses `input` into `output`, which has room for `snappyBound` bytes.
 * @returns how many bytes of `output` were written
 */
export function compressSnappy(input: Uint8Array, output: Uint8Array): number {
  let at = 0;
  let rest = input.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    output[at++] = (rest % 128) + 128;
  }
  output[at++] = rest;
  const words = new DataView(input.buffer, input.byteOffset, input.byteLength);
  for (let start = 0; start < input.length; start += blockSize) {
    at = compressBlock(input, words, start, Math.min(start + blockSize, input.length), output, at);
  }
  return at;
}

function compressBlock(
  input: Uint8Array,
  words: DataView,
  start: number,
  end: number,
  output: Uint8Array,
  outputAt: number,
): number {
  lastMet.fill(0);
  let at = outputAt;
  let literal = start;
  let position = start + 1;
  // The more often nothing is found, the larger the steps: what cannot be compressed is passed quickly.
  let missed = 32;
  for (const last = end - 8; position <= last; ) {
    const word = words.getUint32(position, true);
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - hashBits);
    const candidate = start + (lastMet[slot] ?? 0);
    lastMet[slot] = position - start;
    if (words.getUint32(candidate, true) !== word) {
      position += missed >>> 5;
      missed += 1;
      continue;
    }
    missed = 32;
    let length = 4;
    while (position + length < end && input[candidate + length] === input[position + length]) {
      length += 1;
    }
    at = writeLiteral(input, literal, position, output, at);
    at = writeCopy(position - candidate, length, output, at);
    position += length;
    literal = position;
  }
  return writeLiteral(input, literal, end, output, at);
}

function writeLiteral(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outputAt: number,
): number {
  const length = to - from;
  if (length === 0) {
    return outputAt;
  }
  let at = outputAt;
  const coded = length - 1;
  if (coded < 60) {
    output[at++] = coded << 2;
  } else if (coded < 256) {
    output[at++] = 60 << 2;
    output[at++] = coded;
  } else {
    output[at++] = 61 << 2;
    output[at++] = coded & 255;
    output[at++] = coded >>> 8;
  }
  if (length > 64) {
    output.set(input.subarray(from, to), at);
    return at + length;
  }
  for (let i = from; i < to; i += 1) {
    output[at++] = input[i] ?? 0;
  }
  return at;
}

function writeCopy(offset: number, length: number, output: Uint8Array, outputAt: number): number {
  let at = outputAt;
  let rest = length;
  while (rest > 0) {
    // A copy with a two-byte offset takes 1 to 64 bytes; the short form with eleven bits 4 to 11.
    const taken = rest > 64 && rest < 68 ? 60 : Math.min(rest, 64);
    if (taken >= 4 && taken < 12 && offset < 2048) {
      output[at++] = 1 | ((taken - 4) << 2) | ((offset >>> 8) << 5);
      output[at++] = offset & 255;
    } else {
      output[at++] = 2 | ((taken - 1) << 2);
      output[at++] = offset & 255;
      output[at++] = offset >>> 8;
    }
    rest -= taken;
  }
  return at;
}
