/**
 * Compresses by Snappy (https://github.com/google/snappy/blob/main/format_description.txt), in AssemblyScript: TypeScript's
 * syntax for WebAssembly. `npm run wasm` compiles it to snappy.wasm; a test holds that both are the same.
 *
 * Matches are found by hashes of six bytes: matches of four are frequent in random letters, and each saves one byte at most.
 *
 * The caller writes the bytes at `input`; the compressed ones are written from `outputOf` on, where there must be room.
 */

/** The longest distance of a copy, which fits into two bytes. */
const blockBytes: usize = 1 << 16;
const hashBits: u64 = 13;
/** By hash: the last offset in the block of six bytes with it; 16-bit numbers. */
const seen: usize = memory.data(1 << 14, 16);
/** Bytes at a block's end that no loop starts at: all read sixteen bytes without checking for the block's end. */
const margin: usize = 16;

/** The address of the bytes to compress. */
export const input: usize = (__heap_base + 15) & ~15;

/** The room that the compressed bytes need: the size of random ones, and of one store. */
export function roomAfter(length: usize): usize {
  return length + length / 6 + 64;
}

/** Compresses the bytes. @returns the end of the compressed ones */
export function compress(length: usize): usize {
  const end = input + length;
  let to = outputOf(length);
  let rest = length;
  for (; rest > 127; rest >>= 7) {
    store<u8>(to++, <u8>(rest | 128));
  }
  store<u8>(to++, <u8>rest);
  for (let from = input; from < end; from += blockBytes) {
    to = compressBlock(from, min(from + blockBytes, end), to);
  }
  return to;
}

/** The address of the compressed bytes. */
export function outputOf(length: usize): usize {
  return input + length + margin;
}

/** 2⁶⁴ divided by the golden ratio, which is odd. */
const golden: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

function hashOf(bytes: u64): usize {
  return <usize>(((bytes << 16) * golden) >> (64 - hashBits));
}

function compressBlock(from: usize, end: usize, output: usize): usize {
  let to = output;
  let unwritten = from;
  if (end - from > 2 * margin) {
    memory.fill(seen, 0, 1 << (<usize>hashBits + 1));
    const last = end - margin;
    let at = from + 1;
    // Without matches, the steps become longer and longer.
    let step: usize = 32;
    while (at < last) {
      const bytes = load<u64>(at);
      const slot = seen + (hashOf(bytes) << 1);
      const candidate = from + <usize>load<u16>(slot);
      store<u16>(slot, <u16>(at - from));
      if ((load<u64>(candidate) ^ bytes) << 16 !== 0) {
        at += step >> 5;
        step += step >> 5;
        continue;
      }
      to = literal(unwritten, at, to);
      const equal: usize = 6 + equalBytes(candidate + 6, at + 6, end);
      to = copy(at - candidate, equal, to);
      at += equal;
      unwritten = at;
      step = 32;
      if (at < last) {
        store<u16>(seen + (hashOf(load<u64>(at - 2)) << 1), <u16>(at - 2 - from));
      }
    }
  }
  return unwritten < end ? literal(unwritten, end, to) : to;
}

/** The number of equal bytes from two addresses on, the later one before an end. */
function equalBytes(earlier: usize, later: usize, end: usize): usize {
  let a = earlier;
  let b = later;
  while (b + 8 <= end) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference !== 0) {
      return b - later + <usize>(ctz(difference) >> 3);
    }
    a += 8;
    b += 8;
  }
  while (b < end && load<u8>(a) === load<u8>(b)) {
    a += 1;
    b += 1;
  }
  return b - later;
}

/** Writes bytes as they are. */
function literal(from: usize, end: usize, output: usize): usize {
  const length = end - from;
  if (length === 0) {
    return output;
  }
  let to = output;
  if (length <= 60) {
    store<u8>(to++, <u8>((length - 1) << 2));
  } else if (length <= 256) {
    store<u16>(to, <u16>((60 << 2) | ((length - 1) << 8)));
    to += 2;
  } else {
    store<u8>(to, 61 << 2);
    store<u16>(to + 1, <u16>(length - 1));
    to += 3;
  }
  // The next element overwrites the bytes beyond `length`.
  if (length <= 64) {
    for (let i: usize = 0; i < length; i += 16) {
      v128.store(to + i, v128.load(from + i));
    }
  } else {
    memory.copy(to, from, length);
  }
  return to + length;
}

/** Writes a copy of earlier bytes. */
function copy(distance: usize, equal: usize, output: usize): usize {
  let to = output;
  let length = equal;
  for (; length >= 68; length -= 64) {
    to = longCopy(distance, 64, to);
  }
  if (length > 64) {
    to = longCopy(distance, 60, to);
    length -= 60;
  }
  if (length < 12 && distance < 2048) {
    store<u16>(to, <u16>(1 | ((length - 4) << 2) | ((distance >> 8) << 5) | ((distance & 255) << 8)));
    return to + 2;
  }
  return longCopy(distance, length, to);
}

function longCopy(distance: usize, length: usize, to: usize): usize {
  store<u32>(to, 2 | ((<u32>(length - 1)) << 2) | ((<u32>distance) << 8));
  return to + 3;
}
