/**
 * A set of texts, each known by a small integer code. The texts lie as UTF-8 in one array and are found by
 * hash, so that a million of them cost bytes and not objects, and a reader of bytes need not make strings.
 */
export class TextDictionary {
  private bytes = new Uint8Array(1 << 12);
  /** Where the text of each code ends; it begins where the one before ends. */
  private ends = new Float64Array(1 << 8);
  /** Open addressing: code + 1 at the slot of its hash, 0 where free. */
  private slots = new Int32Array(1 << 9);
  private hashes = new Int32Array(1 << 8);
  private readonly strings: (string | undefined)[] = [];
  private count = 0;

  /** The number of different texts; codes are 0 … size − 1, in the order of first use. */
  get size(): number {
    return this.count;
  }

  /** The code of a text, a new one when it was not seen before. An unpaired surrogate becomes U+FFFD. */
  codeOf(text: string): number {
    if (scratch.byteLength < text.length * 3) {
      scratch = new Uint8Array(text.length * 4);
    }
    const { written } = encoder.encodeInto(text, scratch);
    return this.codeOfBytes(scratch, 0, written);
  }

  /** The code of the UTF-8 text that lies in `bytes` from `start` up to `end`. */
  codeOfBytes(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const taken = this.slots[slot] ?? 0;
      if (taken === 0) {
        return this.insert(hash, slot, bytes, start, end);
      }
      if (this.hashes[taken - 1] === hash && this.isText(taken - 1, bytes, start, end)) {
        return taken - 1;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** The text of a code. */
  text(code: number): string {
    const known = this.strings[code];
    if (known !== undefined) {
      return known;
    }
    const [start, end] = this.span(code);
    const text = Buffer.from(this.bytes.buffer, start, end - start).toString('utf8');
    this.strings[code] = text;
    return text;
  }

  /** Adds a text of another dictionary. */
  codeOfOther(other: TextDictionary, code: number): number {
    const [start, end] = other.span(code);
    return this.codeOfBytes(other.bytes, start, end);
  }

  /** The UTF-8 bytes of a code, a view that holds until the next text is added. */
  bytesOf(code: number): Uint8Array {
    const [start, end] = this.span(code);
    return this.bytes.subarray(start, end);
  }

  /** All texts as they lie: their UTF-8 one after the other, and where each ends; views that hold until the next is added. */
  get stored(): { readonly bytes: Uint8Array; readonly ends: Float64Array } {
    return { bytes: this.bytes, ends: this.ends };
  }

  private span(code: number): readonly [start: number, end: number] {
    const end = code < this.count ? this.ends[code] : undefined;
    if (end === undefined) {
      throw new RangeError(`There is no text ${code} in a dictionary of ${this.count}.`);
    }
    return [code === 0 ? 0 : (this.ends[code - 1] ?? 0), end];
  }

  private isText(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = code === 0 ? 0 : (this.ends[code - 1] ?? 0);
    if ((this.ends[code] ?? 0) - at !== end - start) {
      return false;
    }
    for (let i = start; i < end; i += 1, at += 1) {
      if (this.bytes[at] !== bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private insert(hash: number, slot: number, bytes: Uint8Array, start: number, end: number): number {
    const code = this.count;
    const from = code === 0 ? 0 : (this.ends[code - 1] ?? 0);
    const to = from + end - start;
    this.bytes = grown(this.bytes, to);
    this.ends = grown(this.ends, code + 1);
    this.hashes = grown(this.hashes, code + 1);
    for (let i = start, at = from; i < end; i += 1, at += 1) {
      this.bytes[at] = bytes[i] ?? 0;
    }
    this.ends[code] = to;
    this.hashes[code] = hash;
    this.slots[slot] = code + 1;
    this.count += 1;
    if (this.count * 2 > this.slots.length) {
      this.rehash();
    }
    return code;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let code = 0; code < this.count; code += 1) {
      let slot = (this.hashes[code] ?? 0) & mask;
      while (slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = code + 1;
    }
    this.slots = slots;
  }
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(1 << 10);

/** FNV-1a over bytes, its high bits mixed into the low ones that pick a slot. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i += 1) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  }
  return mixed(hash);
}

/** Spreads a 32-bit number over all its bits (the finaliser of MurmurHash3). */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

interface Growable<A> {
  readonly length: number;
  set(other: A): void;
}

/** The same array, or one of at least twice its length that begins with the same values, so that `length` values fit. */
export function grown<A extends Growable<A>>(array: A, length: number): A {
  if (length <= array.length) {
    return array;
  }
  const Constructor = array.constructor as new (length: number) => A;
  const larger = new Constructor(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
